import { decodeBase64, decodeUtf8, FairleadError } from "@fairlead/protocol";
import { dockerCall } from "./call.ts";

/** What a path in a container leads to. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  readonly type: "file" | "folder" | "symlink" | "other";
  /** Where a symbolic link leads, through all others, as an absolute path; empty otherwise. */
  readonly linkTarget: string;
}

/** Bits of Go's file mode. */
const MODE_FOLDER = 2 ** 31;
const MODE_SYMLINK = 2 ** 27;
/** Devices, pipes, sockets and what has no name. */
const MODE_OTHER = 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21 + 2 ** 19;

const archivePath = (id: string, path: string): string =>
  `/containers/${encodeURIComponent(id)}/archive?path=${encodeURIComponent(path)}`;

/** @throws FairleadError not_found. */
export async function statPath(
  environmentId: number,
  id: string,
  path: string,
  signal?: AbortSignal,
): Promise<PathStat> {
  const response = await dockerCall(environmentId, archivePath(id, path), {
    method: "HEAD",
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    // The answer to HEAD has no text.
    if (error instanceof FairleadError && error.code === "not_found")
      throw new FairleadError("not_found", `There is no ${path} in the container.`, { cause: error });
    throw error;
  });
  return readPathStat(response.headers.get("x-docker-container-path-stat") ?? "");
}

/** What the engine tells in a header: JSON as base64. */
export function readPathStat(header: string): PathStat {
  if (header === "") throw new FairleadError("engine_error", "The engine did not tell what the path is.");
  const { name, size, mode, linkTarget } = JSON.parse(textOf(header)) as {
    readonly name: string;
    readonly size: number;
    readonly mode: number;
    readonly linkTarget: string;
  };
  const has = (bits: number): boolean => Number(BigInt(mode) & BigInt(bits)) !== 0;
  const type = has(MODE_FOLDER) ? "folder" : has(MODE_SYMLINK) ? "symlink" : has(MODE_OTHER) ? "other" : "file";
  return { name, size, type, linkTarget };
}

function textOf(base64: string): string {
  const bytes = decodeBase64(base64);
  const text = bytes && decodeUtf8(bytes);
  if (text === undefined) throw new FairleadError("engine_error", "What the engine told of the path cannot be read.");
  return text;
}

/** A tar archive of a file, or of a folder with all that is below it. */
export function openArchive(environmentId: number, id: string, path: string, signal?: AbortSignal): Promise<Response> {
  return dockerCall(environmentId, archivePath(id, path), signal ? { signal } : {});
}

/** Unpacks a tar archive in a folder of the container. What has the same name is overwritten; but no folder by a file, or a file by one. */
export async function putArchive(
  environmentId: number,
  id: string,
  folder: string,
  tar: Blob,
  signal?: AbortSignal,
): Promise<void> {
  await dockerCall(environmentId, `${archivePath(id, folder)}&noOverwriteDirNonDir=1`, {
    method: "PUT",
    body: tar,
    contentType: "application/x-tar",
    ...(signal && { signal }),
  });
}
