import type { Environment, MetricsPoint } from "@fairlead/protocol/rest";
import { count, formatPercent } from "../../ui/format.ts";
import type { Tone } from "../../ui/tone.ts";
import { hostState } from "../environment/host-state.ts";
import type { ContainerCounts } from "./container-counts.ts";
import { percentsOf } from "./host-figures.ts";

/** Something about a host that somebody should look at. */
export interface Alert {
  /** What `alert:` of the filter finds it by. */
  readonly kind: "link" | "engine" | "conflict" | "disk" | "memory" | "unhealthy" | "restarting";
  readonly tone: Extract<Tone, "warn" | "bad">;
  readonly text: string;
}

/** A disk fills within days: there is time to clean up from the first on, and little from the second. */
const DISK_WARN_PERCENT = 85;
const DISK_BAD_PERCENT = 95;
/** Memory that is nearly gone, caches left out: the kernel kills soon. */
const MEMORY_BAD_PERCENT = 95;
/** Of more, how many says enough. */
const MAX_NAMES = 2;

export interface AlertSources {
  readonly environment: Environment;
  readonly counts: ContainerCounts | undefined;
  /** The newest figures, where they are fresh: what was full an hour ago is no alert. */
  readonly point: MetricsPoint | undefined;
}

/** What is wrong with a host now, worst first. Of a host that is away only that: what it last said is old. */
export function alertsOf({ environment, counts, point }: AlertSources): readonly Alert[] {
  const alerts: Alert[] = [];
  const { name, reason } = hostState(environment);
  const because = reason === null ? "" : `: ${reason}`;
  if (name === "not-connected") alerts.push({ kind: "link", tone: "bad", text: `Not connected${because}` });
  if (name === "engine-down") alerts.push({ kind: "engine", tone: "bad", text: `Engine does not answer${because}` });
  if (environment.conflict !== null) {
    const { agentName, hostname } = environment.conflict.refused;
    const text = `A second machine uses its token: ${agentName} on ${hostname}`;
    alerts.push({ kind: "conflict", tone: "bad", text });
  }
  if (point !== undefined && environment.link.state === "up") alerts.push(...figureAlerts(point));
  if (counts !== undefined && name === "up") alerts.push(...containerAlerts(counts));
  return alerts.sort((a, b) => Number(a.tone === "warn") - Number(b.tone === "warn"));
}

function figureAlerts({ metrics }: MetricsPoint): readonly Alert[] {
  const { disk, memory } = percentsOf(metrics);
  const alerts: Alert[] = [];
  if (disk !== undefined && disk >= DISK_WARN_PERCENT) {
    const tone = disk >= DISK_BAD_PERCENT ? "bad" : "warn";
    alerts.push({ kind: "disk", tone, text: `Disk ${formatPercent(disk)} full` });
  }
  if (memory !== undefined && memory >= MEMORY_BAD_PERCENT) {
    alerts.push({ kind: "memory", tone: "bad", text: `Memory ${formatPercent(memory)} in use` });
  }
  return alerts;
}

function containerAlerts({ unhealthy, restarting }: ContainerCounts): readonly Alert[] {
  const alerts: Alert[] = [];
  if (unhealthy.length > 0) alerts.push({ kind: "unhealthy", tone: "bad", text: told(unhealthy, "unhealthy") });
  if (restarting.length > 0) alerts.push({ kind: "restarting", tone: "warn", text: told(restarting, "restarting") });
  return alerts;
}

function told(names: readonly string[], state: string): string {
  if (names.length > MAX_NAMES) return `${count(names.length, "container")} ${state}`;
  return `${names.join(" and ")} ${state}`;
}
