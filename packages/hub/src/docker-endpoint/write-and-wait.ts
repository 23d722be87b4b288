import type { Writable } from "node:stream";

/** Writes and waits until the target takes more. False when it has closed: nobody reads any more. */
export async function writeAndWait(target: Writable, chunk: Uint8Array): Promise<boolean> {
  if (target.destroyed) return false;
  if (target.write(chunk)) return true;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      target.off("drain", done).off("close", done);
      resolve();
    };
    target.once("drain", done).once("close", done);
  });
  return !target.destroyed;
}
