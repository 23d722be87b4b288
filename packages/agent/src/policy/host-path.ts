import { posix } from "node:path";

/** A folder of the host below which paths may be mounted. */
export interface BindRoot {
  readonly path: string;
  readonly readOnly: boolean;
}

/**
 * A path without empty and `.` segments, and without a slash at its end. Undefined: it is relative, or has a `..`, of which only the host
 * itself knows where it leads when a link comes before it.
 */
export function canonicalHostPath(path: string): string | undefined {
  if (!path.startsWith("/") || path.includes("\0") || path.split("/").includes("..")) return undefined;
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** True when the path is one of the roots or below, and is not to be written to where the root may not be. */
export function isBelowRoot(roots: readonly BindRoot[], path: string, readOnly: boolean): boolean {
  const canonical = canonicalHostPath(path);
  if (canonical === undefined) return false;
  return roots.some((root) => {
    const isInside = root.path === "/" || canonical === root.path || canonical.startsWith(`${root.path}/`);
    return isInside && (readOnly || !root.readOnly);
  });
}
