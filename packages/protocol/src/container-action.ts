/**
 * The container actions that are reported and kept. Engines have more (`exec_create`, `attach`, `top`, …), which health checks
 * alone make by the thousand.
 */
export const CONTAINER_ACTIONS: readonly string[] = [
  "create",
  "start",
  "stop",
  "die",
  "kill",
  "restart",
  "pause",
  "unpause",
  "destroy",
  "rename",
  "update",
  "oom",
  "health_status",
];

/** Podman's own names, where its Docker-compatible socket lets them through. */
const PODMAN_ACTIONS: Readonly<Record<string, string>> = { died: "die", remove: "destroy" };

/** Attribute with the state that Docker's `health_status: healthy` ends with. */
export const HEALTH_ATTRIBUTE = "healthStatus";

/**
 * An engine's action as it is reported: by Docker's name, the state of a health check apart.
 * @returns undefined for an action that is not reported
 */
export function reportedAction(action: string): { action: string; health?: string } | undefined {
  const [given = "", ...rest] = action.split(":");
  const name = PODMAN_ACTIONS[given.trim()] ?? given.trim();
  if (!CONTAINER_ACTIONS.includes(name)) return undefined;
  const health = rest.join(":").trim();
  return name === "health_status" && health !== "" ? { action: name, health } : { action: name };
}
