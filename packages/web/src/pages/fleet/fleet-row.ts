import type { Environment, MetricsPoint } from "@fairlead/protocol/rest";
import type { FilterSubject } from "../../filter/filter.ts";
import { type HostState, hostState, stateWords } from "../environment/host-state.ts";
import { type Alert, alertsOf } from "./alerts.ts";
import { type ContainerCounts, countsOfEngine } from "./container-counts.ts";
import { type HostPercents, isFresh, percentsOf } from "./host-figures.ts";

/** A host as the fleet shows it. */
export interface FleetRow {
  readonly environment: Environment;
  readonly state: HostState;
  readonly counts: ContainerCounts | undefined;
  readonly alerts: readonly Alert[];
  /** Of the newest figures; undefined without any, or when they are old. */
  readonly percents: HostPercents | undefined;
}

interface KeptRow {
  /** What of it was made of several sources. */
  readonly key: string;
  readonly row: FleetRow;
}

export interface FleetSources {
  readonly list: readonly Environment[];
  readonly counts: ReadonlyMap<number, ContainerCounts>;
  readonly metrics: ReadonlyMap<number, readonly MetricsPoint[]>;
  readonly now: number;
}

/** Makes rows, and hands out those of before where nothing of them is another: what has not changed need not be drawn again. */
export class FleetRows {
  #before: ReadonlyMap<number, KeptRow> = new Map();

  make({ list, counts, metrics, now }: FleetSources): readonly FleetRow[] {
    const next = new Map<number, KeptRow>();
    const rows = list.map((environment) => {
      const newest = metrics.get(environment.id)?.at(-1);
      const isNow = newest !== undefined && environment.link.state === "up" && isFresh(newest, now);
      const point = isNow ? newest : undefined;
      const row = fleetRow(environment, counts.get(environment.id), point);
      const key = JSON.stringify([row.counts, row.alerts, row.percents]);
      const before = this.#before.get(environment.id);
      const kept = before?.key === key && before.row.environment === environment ? before.row : row;
      next.set(environment.id, { key, row: kept });
      return kept;
    });
    this.#before = next;
    return rows;
  }
}

export function fleetRow(
  environment: Environment,
  listed: ContainerCounts | undefined,
  point: MetricsPoint | undefined,
): FleetRow {
  const counts = listed ?? countsOfEngine(environment);
  return {
    environment,
    state: hostState(environment),
    counts,
    alerts: alertsOf({ environment, counts, point }),
    percents: point && percentsOf(point.metrics),
  };
}

/** The fields of the fleet's filter. */
export const FLEET_FIELDS = ["name", "state", "kind", "label", "version", "policy", "alert"] as const;

/** What of a host the filter looks at. */
export function fleetSubject({ environment, state, alerts }: FleetRow): FilterSubject {
  const { name, kind, labels, agent, engineInfo } = environment;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return {
    text: [name, kind, state.label, ...pairs, agent?.hostname, ...alerts.map(({ text }) => text)].join(" "),
    field: (field) => {
      switch (field) {
        case "name":
          return name;
        case "state":
          return stateWords(state);
        case "kind":
          return kind;
        case "label":
          return pairs;
        case "version":
          return [engineInfo?.version, agent?.version].filter((version) => version !== undefined);
        case "policy":
          return agent === null ? undefined : (agent.policy ?? "full");
        case "alert":
          return alerts.map((alert) => alert.kind);
        default:
          return undefined;
      }
    },
  };
}

/** The term that finds a label; of what the filter's own signs would be, any sign. */
export function labelTerm(name: string, value: string): string {
  const text = `${name}=${value}`.replaceAll(/[",]/g, "*");
  return `label:${/\s/.test(text) ? `"${text}"` : text}`;
}

/** The filter's text with this term, or without it when it was there. */
export function toggleTerm(filter: string, term: string): string {
  const padded = ` ${filter} `;
  if (padded.includes(` ${term} `)) return padded.replace(` ${term} `, " ").trim();
  return `${filter} ${term}`.trim();
}

export function hasTerm(filter: string, term: string): boolean {
  return ` ${filter} `.includes(` ${term} `);
}
