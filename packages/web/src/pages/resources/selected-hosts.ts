import type { Environment } from "@fairlead/protocol/rest";
import { useMemo } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { useEnvironments } from "../../hub/environments.ts";

/** The hosts that the address selects: `?host=NAME`, or all. */
export interface SelectedHosts {
  readonly loaded: boolean;
  readonly error: Error | null;
  readonly all: readonly Environment[];
  readonly selected: readonly Environment[];
  /** Empty: all. */
  readonly name: string;
  readonly select: (name: string) => void;
}

export function useSelectedHosts(): SelectedHosts {
  const { loaded, error, list } = useEnvironments();
  const [name, select] = useSearchText("host");
  const selected = useMemo(
    () => (name === "" ? list : list.filter((environment) => environment.name === name)),
    [list, name],
  );
  return { loaded, error, all: list, selected, name, select };
}
