import { dockerCall, dockerJson } from "../../docker/call.ts";
import type { LogSource } from "./log-view.tsx";
import { FrameDemuxer } from "./worker/frame-demuxer.ts";

/** Pieces of a file are handed to the browser in parts of so much, which it may put on the disk. */
const PART_BYTES = 8 * 1024 * 1024;

/** Hands a file to the browser's downloads. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name.replaceAll(/[^\w.@-]+/g, "_");
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** The whole log of a container, with times, as text. @throws FairleadError with the engine's message. */
export async function downloadWholeLog({
  environmentId,
  environmentName,
  containerId,
  name,
}: LogSource): Promise<void> {
  const path = `/containers/${encodeURIComponent(containerId)}`;
  const { Config } = await dockerJson<{ Config: { Tty: boolean } }>(environmentId, `${path}/json`);
  const response = await dockerCall(environmentId, `${path}/logs?stdout=1&stderr=1&timestamps=1`);
  const parts: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const add = (piece: Uint8Array): void => {
    pieces.push(piece as Uint8Array<ArrayBuffer>);
    bytes += piece.length;
    if (bytes < PART_BYTES) return;
    parts.push(new Blob(pieces));
    pieces = [];
    bytes = 0;
  };
  const frames = new FrameDemuxer();
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    if (Config.Tty) add(value);
    else frames.push(value, (_stream, piece) => add(piece));
  }
  saveFile(new Blob([...parts, ...pieces], { type: "text/plain" }), `${name}@${environmentName}.log`);
}
