import type { ContainerSummary } from "@fairlead/protocol/rest";
import type { Tone } from "../ui/tone.ts";

/** The health that the engine's sentence about a container tells; undefined when it has no health check. */
export function healthOf(status: string): "healthy" | "unhealthy" | "starting" | undefined {
  const [, health] = /\((healthy|unhealthy|health: starting)\)/.exec(status) ?? [];
  return health === "health: starting" ? "starting" : (health as "healthy" | "unhealthy" | undefined);
}

/** What a container's state means: running well is good, at rest is idle, what somebody should look at is not. */
export function toneOf({ State, Status }: Pick<ContainerSummary, "State" | "Status">): Tone {
  const health = healthOf(Status);
  if (State === "running") return health === "unhealthy" ? "bad" : health === "starting" ? "warn" : "good";
  if (State === "paused" || State === "restarting" || State === "removing") return "warn";
  if (State === "dead") return "bad";
  const [, code] = /^Exited \((\d+)\)/.exec(Status) ?? [];
  // 130, 137 and 143 are what signals of somebody who stopped it leave.
  return code !== undefined && !["0", "130", "137", "143"].includes(code) ? "bad" : "idle";
}

/** Its compose project, or swarm stack. */
export function stackOf(labels: Readonly<Record<string, string>>): string | undefined {
  return labels["com.docker.compose.project"] ?? labels["com.docker.stack.namespace"];
}
