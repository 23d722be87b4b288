import { WebSocket } from "ws";

/** Bytes in one message: large enough to be cheap, small enough for a page to handle between two frames. */
const MAX_MESSAGE_BYTES = 64 * 1024;

/** What waits for a slow browser, and then the engine waits. Deep enough for a round trip at some MB/s. */
const MAX_WAITING_BYTES = 256 * 1024;

/** Sends bytes to a browser: what comes in one turn of the event loop goes in as few messages as can be. */
export class LogSender {
  readonly #socket: WebSocket;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #turn: NodeJS.Immediate | undefined;
  /** Settles when the last message has gone to the network, also when the connection has closed before. */
  #sent: Promise<void> | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** A promise when much waits for the browser: it settles when more may be sent, also because the browser has left. */
  send(chunk: Uint8Array): Promise<void> | undefined {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + MAX_MESSAGE_BYTES - this.#bytes);
      this.#pieces.push(piece);
      this.#bytes += piece.length;
      at += piece.length;
      if (this.#bytes === MAX_MESSAGE_BYTES) this.flush();
    }
    if (this.#bytes > 0) this.#turn ??= setImmediate(() => this.flush());
    if (this.#socket.bufferedAmount + this.#bytes <= MAX_WAITING_BYTES) return undefined;
    this.flush();
    return this.#sent;
  }

  /** Sends what waits for the end of the turn. */
  flush(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    const pieces = this.#pieces;
    const bytes = this.#bytes;
    this.#pieces = [];
    this.#bytes = 0;
    if (bytes === 0 || this.#socket.readyState !== WebSocket.OPEN) return;
    const [first] = pieces;
    const message = pieces.length === 1 && first ? first : Buffer.concat(pieces, bytes);
    this.#sent = new Promise((resolve) => this.#socket.send(message, { binary: true }, () => resolve()));
  }
}
