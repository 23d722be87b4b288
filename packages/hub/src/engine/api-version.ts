/**
 * The newest version of the Docker Engine API whose answers the hub knows; its own calls use it where the engine does.
 * 1.44 is the oldest that Docker 29 takes; Docker 20.10 (1.41) and Podman (1.40, 1.41) are met below it.
 */
export const HUB_API_VERSION = "1.44";

/**
 * The version for the hub's own calls to an engine that answered `GET /version` with `body`: the lower of the engine's newest
 * and ours, but not below what the engine takes. `undefined` when it names none: then paths go without.
 */
export function negotiateApiVersion(body: string): string | undefined {
  const { ApiVersion: newest, MinAPIVersion: oldest } = parseVersions(body);
  if (!isVersion(newest)) return undefined;
  const version = compare(newest, HUB_API_VERSION) < 0 ? newest : HUB_API_VERSION;
  return isVersion(oldest) && compare(version, oldest) < 0 ? oldest : version;
}

function parseVersions(body: string): { ApiVersion?: unknown; MinAPIVersion?: unknown } {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function isVersion(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,4}\.\d{1,4}$/.test(value);
}

function compare(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split(".").map(Number);
  const [majorB = 0, minorB = 0] = b.split(".").map(Number);
  return majorA - majorB || minorA - minorB;
}
