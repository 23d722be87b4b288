import type { ContainerState } from "../../docker/container-inspect.ts";

/** A state in the words of the engine's list, but for how long it lasts. */
export function stateSentence({
  Status,
  ExitCode,
  Health,
}: Pick<ContainerState, "Status" | "ExitCode" | "Health">): string {
  if (Status === "exited" || Status === "dead") return `Exited (${ExitCode})`;
  const health = Health?.Status === "starting" ? "health: starting" : Health?.Status;
  const suffix = Status === "paused" ? " (Paused)" : health && health !== "none" ? ` (${health})` : "";
  return `${Status === "running" || Status === "paused" ? "Up" : Status}${suffix}`;
}
