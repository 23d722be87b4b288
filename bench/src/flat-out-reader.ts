import { curlDownload } from "./curl.ts";
import type { Target } from "./target.ts";

const DOWNLOAD_BYTES = 256 * 1024 ** 2;

/** Downloads as fast as it can, again and again, in a process of its own. */
export class FlatOutReader implements AsyncDisposable {
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #failure: unknown;
  #downloads = 0;
  #seconds = 0;

  constructor(target: Target) {
    this.#done = this.#run(target);
  }

  /** Over the downloads that are through; 0 before the first is. @throws what ended it, if something did. */
  get bytesPerSecond(): number {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#downloads === 0 ? 0 : (this.#downloads * DOWNLOAD_BYTES) / this.#seconds;
  }

  async #run(target: Target): Promise<void> {
    try {
      for (;;) {
        this.#seconds += await curlDownload(target, DOWNLOAD_BYTES, this.#abort.signal);
        this.#downloads += 1;
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failure = error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#done;
  }
}
