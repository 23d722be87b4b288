import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { type FleetSearch, type FleetView, searchOf, type SavedViews, type ShownView, viewOf } from "./saved-views.ts";
import { useSavedViews } from "./use-saved-views.ts";

export interface FleetViewState {
  readonly shown: ShownView;
  readonly saved: SavedViews;
  readonly save: (views: SavedViews) => void;
  /** Shows something else; the chosen view stays chosen unless another is named. */
  readonly show: (change: Partial<FleetView> & { readonly name?: string | undefined }) => void;
}

/** How the fleet is looked at now, as the address says. */
export function useFleetView(): FleetViewState {
  const search: FleetSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const [saved, save] = useSavedViews();
  const { view, q, sort, as } = search;
  const shown = useMemo(() => viewOf({ view, q, sort, as }, saved), [view, q, sort, as, saved]);
  const show = useCallback<FleetViewState["show"]>(
    (change) => {
      const next = { ...shown, ...change };
      void navigate({
        to: ".",
        search: (before: Record<string, string | undefined>) => ({ ...before, ...searchOf(next, next.name, saved) }),
        replace: true,
      } as never);
    },
    [navigate, shown, saved],
  );
  return { shown, saved, save, show };
}
