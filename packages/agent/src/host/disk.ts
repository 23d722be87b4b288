import { statfs } from "node:fs/promises";

/** Size of a file system in bytes; absent when unknown. */
export interface DiskFigures {
  diskTotal?: number;
  diskUsed?: number;
  diskFree?: number;
}

/** Size of the file system of the first path that is visible from here; empty when none is. */
export async function readDisk(...paths: readonly string[]): Promise<DiskFigures> {
  for (const path of paths) {
    const found = await statfs(path).catch(() => undefined);
    if (found === undefined || found.blocks === 0) continue;
    // What is kept back for root counts as free: the engine runs as root.
    const { blocks, bfree, bsize } = found;
    return { diskTotal: blocks * bsize, diskUsed: (blocks - bfree) * bsize, diskFree: bfree * bsize };
  }
  return {};
}
