import type { ClientRequest, IncomingMessage } from "node:http";
import { get, type Target } from "./target.ts";

/** More than any bench runs long. */
const ENDLESS_BYTES = 1e15;

/** Reads an endless stream of the engine, no faster than told. */
export class PacedReader implements Disposable {
  bytes = 0;
  readonly #bytesPerSecond: number;
  readonly #request: ClientRequest;
  #startedAt = 0;
  #failure: Error | undefined;

  constructor(target: Target, bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#request = get(target, `/v1.45/images/get?bytes=${ENDLESS_BYTES}`, (response) => this.#read(response));
    this.#request.on("error", (error) => (this.#failure ??= error));
  }

  /** What it really got so far. @throws Error when the stream broke off. */
  get bytesPerSecond(): number {
    if (this.#failure) throw new Error(`The slow reader was cut after ${this.bytes} bytes`, { cause: this.#failure });
    return this.bytes / ((performance.now() - this.#startedAt) / 1000);
  }

  #read(response: IncomingMessage): void {
    if (response.statusCode !== 200) this.#failure = new Error(`status ${response.statusCode}`);
    this.#startedAt = performance.now();
    response.on("data", (chunk: Buffer) => {
      this.bytes += chunk.length;
      const waitMs = this.#startedAt + (this.bytes / this.#bytesPerSecond) * 1000 - performance.now();
      if (waitMs <= 0) return;
      response.pause();
      setTimeout(() => response.resume(), waitMs);
    });
    response.on("error", (error) => (this.#failure ??= error));
    response.on("close", () => (this.#failure ??= new Error("closed")));
  }

  [Symbol.dispose](): void {
    this.#request.destroy();
  }
}
