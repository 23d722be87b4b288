import { readTar, type TarEntry, type TarEntryType } from "./read-tar.ts";

/** One thing in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly type: TarEntryType;
  /** Undefined where it is not told, as of folders. */
  readonly size: number | undefined;
  /** As `ls` writes it: `rw-r--r--`. */
  readonly permissions: string;
  readonly owner: string;
  /** Unix milliseconds, or the text that `ls` wrote. */
  readonly modified: number | string;
  /** What a symbolic link leads to; empty otherwise. */
  readonly target: string;
}

export interface FolderListing {
  readonly entries: readonly FolderEntry[];
  /** False: reading stopped at a limit; there may be more. */
  readonly complete: boolean;
  readonly readBytes: number;
}

export interface ListLimits {
  readonly bytes: number;
  readonly milliseconds: number;
}

/**
 * An archive holds a folder with everything below it, in no order that would tell when its direct entries have been seen: so it is
 * read to its end, or to where it costs more than a look into a folder should.
 */
export const LIST_LIMITS: ListLimits = { bytes: 64 * 1024 * 1024, milliseconds: 5_000 };
/** More entries nobody looks through, and a page would have to hold. */
export const MAX_ENTRIES = 10_000;

/** The direct entries of a folder, by its archive. What is not read of it is given up when this returns. */
export async function listFolder(
  pieces: AsyncIterable<Uint8Array>,
  limits: ListLimits = LIST_LIMITS,
  now: () => number = () => performance.now(),
): Promise<FolderListing> {
  const startedAt = now();
  const found = new Map<string, FolderEntry>();
  let readBytes = 0;
  let isOver = false;
  async function* bounded(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      readBytes += piece.length;
      isOver = readBytes > limits.bytes || now() - startedAt > limits.milliseconds || found.size >= MAX_ENTRIES;
      if (isOver) return;
      yield piece;
    }
    // What stopped it from outside did so for the same reason.
    isOver = now() - startedAt > limits.milliseconds;
  }
  const done = (): FolderListing => ({ entries: [...found.values()], complete: !isOver, readBytes });
  let root: string | undefined;
  try {
    for await (const entry of readTar(bounded())) {
      const name = entry.name.replace(/^(\.?\/)+/, "").replace(/\/+$/, "");
      // The first is the folder itself, under its own name; of the root, under none.
      if (root === undefined) root = name;
      else add(found, root, name, entry);
    }
  } catch (error) {
    // Where this stopped reading, the archive breaks off.
    if (!isOver) throw error;
  }
  return done();
}

function add(found: Map<string, FolderEntry>, root: string, path: string, entry: TarEntry): void {
  if (root !== "" && !path.startsWith(`${root}/`)) return;
  const name = root === "" ? path : path.slice(root.length + 1);
  if (name === "" || name.includes("/")) return;
  found.set(name, {
    name,
    type: entry.type,
    size: entry.type === "file" ? entry.size : undefined,
    permissions: permissionsText(entry.mode),
    owner: `${entry.uid}:${entry.gid}`,
    modified: entry.modifiedAt,
    target: entry.type === "symlink" ? entry.linkName : "",
  });
}

const BITS = ["r", "w", "x"];

/** `0o4755` as `rwsr-xr-x`. */
export function permissionsText(mode: number): string {
  const letters = [8, 7, 6, 5, 4, 3, 2, 1, 0].map((bit, index) => (mode & (1 << bit) ? (BITS[index % 3] ?? "") : "-"));
  const special = [
    [0o4000, 2, "s"],
    [0o2000, 5, "s"],
    [0o1000, 8, "t"],
  ] as const;
  for (const [bit, at, letter] of special) {
    if ((mode & bit) !== 0) letters[at] = letters[at] === "x" ? letter : letter.toUpperCase();
  }
  return letters.join("");
}
