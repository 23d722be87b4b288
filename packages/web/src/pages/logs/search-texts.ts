import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** Several texts of the address's query, set in one step: set one after another, each would undo the others. */
export function useSearchTexts<Name extends string>(
  ...names: readonly Name[]
): readonly [Readonly<Record<Name, string>>, (values: Readonly<Record<Name, string>>) => void] {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate();
  const set = useCallback(
    (values: Readonly<Record<Name, string>>) => {
      const given = Object.fromEntries(
        Object.entries<string>(values).map(([name, value]) => [name, value === "" ? undefined : value]),
      );
      void navigate({
        to: ".",
        search: (before: Record<string, string | undefined>) => ({ ...before, ...given }),
        replace: true,
      } as never);
    },
    [navigate],
  );
  const values = Object.fromEntries(names.map((name) => [name, search[name] ?? ""])) as Record<Name, string>;
  return [values, set];
}
