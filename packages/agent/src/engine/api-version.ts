/** Versions of the Docker Engine API: which one the agent's own calls use. */

/**
 * The newest version whose answers the agent knows. Calls that the hub sends keep the version they came with.
 * 1.44 is the oldest that Docker 29 takes, and Docker 20.10 (1.41) and Podman (1.40, 1.41) are met below it.
 */
export const AGENT_API_VERSION = "1.44";

/** What an engine says about itself at `/version`. */
export interface EngineVersion {
  /** Of the product: `26.1.5`. */
  readonly version: string;
  /** The API version for the agent's own calls; undefined when the engine names none: then paths go without. */
  readonly apiVersion: string | undefined;
  /** Podman's Docker-compatible socket. */
  readonly isPodman: boolean;
}

/** Reads the body of `GET /version`. Total: an engine that says something else gives an empty version. */
export function parseEngineVersion(body: string): EngineVersion {
  const answer = parseObject(body);
  const components = Array.isArray(answer["Components"]) ? (answer["Components"] as unknown[]) : [];
  return {
    version: text(answer["Version"]),
    apiVersion: negotiate(text(answer["ApiVersion"]), text(answer["MinAPIVersion"])),
    isPodman: components.some((component) => /podman/i.test(text((component as { Name?: unknown } | null)?.Name))),
  };
}

/** The lower of the engine's newest and ours, but not below what the engine takes. */
export function negotiate(newest: string, oldest: string): string | undefined {
  if (!isVersion(newest)) return undefined;
  const version = compare(newest, AGENT_API_VERSION) < 0 ? newest : AGENT_API_VERSION;
  return isVersion(oldest) && compare(version, oldest) < 0 ? oldest : version;
}

/** Negative when `a` is older than `b`. */
export function compare(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split(".").map(Number);
  const [majorB = 0, minorB = 0] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}

function isVersion(value: string): boolean {
  return /^\d{1,4}\.\d{1,4}$/.test(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function parseObject(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
