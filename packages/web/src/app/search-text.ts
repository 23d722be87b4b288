import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** One text of the address's query, such as a filter: what is set goes into the address, so that it can be linked to. */
export function useSearchText(name: string): readonly [value: string, set: (value: string) => void] {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate();
  const set = useCallback(
    (value: string) => {
      void navigate({
        to: ".",
        search: (before: Record<string, string | undefined>) => ({
          ...before,
          [name]: value === "" ? undefined : value,
        }),
        replace: true,
      } as never);
    },
    [navigate, name],
  );
  return [search[name] ?? "", set];
}
