import { Duplex } from "node:stream";
import { FairleadError, type MuxStream, type StreamHead } from "@fairlead/protocol";

/** A stream as a Node stream: what it reads is held back by its reader, an end is a half-close, `destroy` resets it. */
export class StreamDuplex extends Duplex {
  /** The answer's head. Rejects when the stream is over before. */
  readonly answer: Promise<StreamHead>;
  readonly #stream: MuxStream;
  readonly #rejectAnswer: (error: unknown) => void;
  /** Bytes that the reader was given and has not asked for more since. */
  #unconsumed = 0;

  /** @param interim Gets heads with a status below 200 that come before the answer's. */
  constructor(stream: MuxStream, interim: (head: StreamHead) => void = () => {}) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
    const { promise, resolve, reject } = Promise.withResolvers<StreamHead>();
    this.answer = promise;
    this.#rejectAnswer = reject;
    promise.catch(() => {});
    stream.user = {
      head: (head) => (head.status < 200 && head.status !== 101 ? interim(head) : resolve(head)),
      data: (bytes) => {
        this.#unconsumed += bytes.length;
        this.push(bytes);
      },
      end: () => void this.push(null),
      reset: (error) => void this.destroy(error),
    };
    // Whoever uses it hears of a break by `close`; an error without a listener would end the hub.
    this.on("error", () => {});
  }

  override _read(): void {
    const taken = this.#unconsumed;
    this.#unconsumed = 0;
    if (taken > 0) this.#stream.consumed(taken);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#stream.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#stream.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#rejectAnswer(error ?? new FairleadError("cancelled", "The call was given up."));
    this.#stream.reset("cancelled", "the caller went away");
    done(error);
  }
}
