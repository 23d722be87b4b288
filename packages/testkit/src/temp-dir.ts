import { mkdtemp, rm } from "node:fs/promises";

/** A folder of its own for one test; removed with everything in it by `stop()` or `await using`. */
export interface TempDir extends AsyncDisposable {
  /** Absolute path, at most 20 bytes long: unix sockets below it stay within the 107 bytes that Linux allows. */
  readonly path: string;
  /** Removes the folder. May be called more than once. */
  stop(this: void): Promise<void>;
}

/** `os.tmpdir()` is not used: it can be long (macOS), and a unix socket's path is limited to 107 bytes. */
const PREFIX = "/tmp/fl-";

/** A program that was just killed may still be writing: removing is tried again this often, 50 ms longer each time. */
const REMOVE_RETRIES = 10;

/** Makes a temporary folder with a short path. */
export async function tempDir(): Promise<TempDir> {
  const path = await mkdtemp(PREFIX);
  const stop = (): Promise<void> =>
    rm(path, { recursive: true, force: true, maxRetries: REMOVE_RETRIES, retryDelay: 50 });
  return { path, stop, [Symbol.asyncDispose]: stop };
}
