import { FairleadError } from "@fairlead/protocol";
import { openArchive } from "../../../docker/container-archive.ts";
import { streamPieces } from "../../../docker/stream-pieces.ts";
import { readTar } from "./read-tar.ts";

/** A browser holds what it downloads so until it is whole; larger things go by `docker cp`. */
export const MAX_DOWNLOAD_BYTES = 2 * 1024 ** 3;

/** Told how many bytes have come. */
type OnProgress = (bytes: number) => void;

/** The bytes of one file, exactly. */
export async function readFile(
  environmentId: number,
  id: string,
  path: string,
  signal: AbortSignal,
  onProgress: OnProgress = () => {},
): Promise<Blob> {
  const pieces = streamPieces(await openArchive(environmentId, id, path, signal));
  try {
    for await (const entry of readTar(pieces)) {
      if (entry.type === "file") return await toBlob(entry.content(), onProgress);
    }
    throw new FairleadError("not_found", `${path} is no file that can be read.`);
  } finally {
    await pieces.return(undefined);
  }
}

/** A folder with all that is below it, as the tar archive that the engine makes. */
export async function readFolder(
  environmentId: number,
  id: string,
  path: string,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<Blob> {
  const pieces = streamPieces(await openArchive(environmentId, id, path, signal));
  try {
    return await toBlob(pieces, onProgress);
  } finally {
    await pieces.return(undefined);
  }
}

/** Pieces are joined to larger blobs, which browsers keep on disk. */
const JOIN_BYTES = 16 * 1024 * 1024;

async function toBlob(pieces: AsyncIterable<Uint8Array>, onProgress: OnProgress): Promise<Blob> {
  const joined: Blob[] = [];
  let open: Uint8Array[] = [];
  let openBytes = 0;
  let bytes = 0;
  const join = (): void => {
    joined.push(new Blob(open as BlobPart[]));
    open = [];
    openBytes = 0;
  };
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > MAX_DOWNLOAD_BYTES)
      throw new FairleadError(
        "payload_too_large",
        "It is larger than 2 GiB, more than the page can hold. Use docker cp for it.",
      );
    open.push(piece);
    openBytes += piece.length;
    if (openBytes >= JOIN_BYTES) join();
    onProgress(bytes);
  }
  join();
  return new Blob(joined);
}

/** Hands a blob to the browser as a download. */
export function saveBlob(blob: Blob, name: string): void {
  // Of a type that says nothing: by any other, or none, browsers add an ending to a name that has none (`passwd.txt`).
  const url = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser takes the blob soon after, but does not say when.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
