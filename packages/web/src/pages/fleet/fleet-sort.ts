import type { TableSort } from "../../ui/data-table.tsx";
import type { FleetRow } from "./fleet-row.ts";

interface FleetSort {
  readonly label: string;
  readonly by: (row: FleetRow) => string | number;
}

/** What is worse comes first. */
const STATE_ORDER: Record<FleetRow["state"]["name"], number> = {
  "not-connected": 0,
  "engine-down": 1,
  checking: 2,
  unchecked: 3,
  "never-joined": 4,
  up: 5,
};

/** What the fleet can be sorted by, in rows and in cards. */
export const FLEET_SORTS = {
  name: { label: "Name", by: ({ environment }) => environment.name },
  state: { label: "State", by: ({ state }) => STATE_ORDER[state.name] },
  containers: { label: "Containers", by: ({ counts }) => counts?.running ?? -1 },
  cpu: { label: "CPU", by: ({ percents }) => percents?.cpu ?? -1 },
  memory: { label: "Memory", by: ({ percents }) => percents?.memory ?? -1 },
  disk: { label: "Disk", by: ({ percents }) => percents?.disk ?? -1 },
  version: { label: "Versions", by: ({ environment }) => environment.engineInfo?.version ?? "" },
  // Worse ones weigh more than many.
  alerts: {
    label: "Alerts",
    by: ({ alerts }) => alerts.reduce((sum, { tone }) => sum + (tone === "bad" ? 100 : 1), 0),
  },
} as const satisfies Record<string, FleetSort>;

export type FleetSortId = keyof typeof FLEET_SORTS;

/** `-alerts`: by alerts, most first. What is none is by name. */
export function parseSort(text: string): Required<TableSort> & { readonly id: FleetSortId } {
  const desc = text.startsWith("-");
  const id = desc ? text.slice(1) : text;
  return Object.hasOwn(FLEET_SORTS, id) ? { id: id as FleetSortId, desc } : { id: "name", desc: false };
}

export function sortText({ id, desc = false }: TableSort): string {
  return `${desc ? "-" : ""}${id}`;
}

/** In the order of `text`; equals by name. */
export function sortRows(rows: readonly FleetRow[], text: string): readonly FleetRow[] {
  const { id, desc } = parseSort(text);
  const { by } = FLEET_SORTS[id];
  const names = new Intl.Collator("en", { numeric: true });
  return rows.toSorted((a, b) => {
    const [one, other] = [by(a), by(b)];
    const order =
      typeof one === "number" && typeof other === "number" ? one - other : names.compare(String(one), String(other));
    return (desc ? -order : order) || names.compare(a.environment.name, b.environment.name);
  });
}
