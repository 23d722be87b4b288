import type { Socket } from "node:net";
import { GatheredWrites } from "@fairlead/protocol";
import type { BodyFraming } from "./render-request.ts";

const CRLF = Buffer.from("\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/**
 * A request's body on its way to the engine, in the framing that its head announced; after an upgrade, raw bytes. What the engine does
 * not read any more is dropped, since its answer may still come.
 */
export class RequestBody {
  readonly #framing: BodyFraming;
  readonly #taken: (bytes: number) => void;
  readonly #writes = new GatheredWrites(setImmediate);
  #socket: Socket | undefined;
  #left: number;
  #isEnded = false;
  #isRaw = false;
  /** What came before the connection was there, or before it became raw. */
  #held: Uint8Array[] = [];
  #cameBytes = 0;
  /** Bytes that the engine was sent. */
  sentBytes = 0;

  /** @param taken Called with the bytes that are on their way to the engine, or dropped. */
  constructor(framing: BodyFraming, taken: (bytes: number) => void) {
    this.#framing = framing;
    this.#taken = taken;
    this.#left = typeof framing === "number" ? framing : 0;
  }

  /** The engine has, or will have, all of the request. */
  get isComplete(): boolean {
    return this.#framing === "chunked" ? this.#isEnded : this.#left === 0;
  }

  /** Nothing of the announced body is still to come from the hub. */
  get hasCome(): boolean {
    return this.#framing === "chunked" ? this.#isEnded : this.#cameBytes >= this.#framing;
  }

  attach(socket: Socket): void {
    this.#socket = socket;
    this.#flush();
    if (this.#isEnded && this.#framing === "chunked") socket.write(LAST_CHUNK);
  }

  detach(): void {
    this.#socket = undefined;
  }

  write(bytes: Uint8Array): void {
    this.#cameBytes += bytes.length;
    if (this.#socket === undefined) this.#held.push(bytes);
    else this.#send(bytes);
  }

  /** From here on bytes pass as they are. */
  becomeRaw(): void {
    this.#isRaw = true;
    this.#flush();
  }

  /** @returns what is wrong, when the body is not whole */
  end(): string | undefined {
    this.#isEnded = true;
    if (this.#framing === "chunked") {
      this.#socket?.write(LAST_CHUNK);
      return undefined;
    }
    const missing = this.#framing - this.#cameBytes;
    return missing > 0 ? `the body ended ${missing} bytes before its Content-Length` : undefined;
  }

  /** Half-close: the engine may go on. */
  endRaw(): undefined {
    this.#isEnded = true;
    this.#socket?.end();
  }

  #flush(): void {
    for (const bytes of this.#held.splice(0)) this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    if (this.#isRaw) {
      this.#gather(socket, bytes);
    } else if (this.#framing === "chunked") {
      if (bytes.length === 0) return;
      this.#writes.add(socket, bytes.length, () => {
        socket.write(`${bytes.length.toString(16)}\r\n`, "latin1");
        this.#pass(socket, bytes);
        socket.write(CRLF);
      });
    } else {
      const body = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
      this.#left -= body.length;
      if (body.length > 0) this.#gather(socket, body);
      // What follows the body of a call that may take the connection over waits until it has.
      if (body.length < bytes.length) this.#held.push(bytes.subarray(body.length));
    }
  }

  #gather(socket: Socket, bytes: Uint8Array): void {
    this.#writes.add(socket, bytes.length, () => this.#pass(socket, bytes));
  }

  #pass(socket: Socket, bytes: Uint8Array): void {
    const { length } = bytes;
    this.sentBytes += length;
    if (socket.destroyed || socket.writableEnded) this.#taken(length);
    else socket.write(bytes, () => this.#taken(length));
  }
}
