/** What a build is made of: builds are skipped while it is the same. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

export const root = join(import.meta.dirname, "..");

/** A hash of names and contents, since times change with every checkout. Tests are left out. @param sources Files and folders below the root. */
export function hashOfSources(sources: readonly string[]): string {
  const digest = createHash("sha256");
  for (const file of sources.flatMap((source) => filesOf(join(root, source)))) {
    if (/\.test\.tsx?$/.test(file)) continue;
    const content = readFileSync(file);
    digest.update(`${relative(root, file)}\0${content.length}\0`).update(content);
  }
  return digest.digest("hex");
}

/** Absolute paths of all files in a folder, sorted; of a file itself. */
export function filesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
