import type { Duplex } from "node:stream";
import {
  decodeMessage,
  encodeMessage,
  type ErrorCode,
  ERRORS,
  type HelloMessage,
  newErrorMessage,
} from "@fairlead/protocol";
import type { WebSocket } from "ws";
import type { LinkLimits } from "./link-limits.ts";
import { closeSocket, socketProblem } from "./socket-close.ts";

/** Where a connection's binary messages go: to its dial, then to the session that took it over. It keeps nothing of the one before. */
export class BinaryMessages {
  reader: { receiveBinary(piece: Uint8Array, isLast: boolean): void } | undefined;

  readonly receive = (piece: Uint8Array, isLast: boolean): void => this.reader?.receiveBinary(piece, isLast);
}

export interface NewDialOptions {
  readonly socket: WebSocket;
  readonly binary: BinaryMessages;
  /** The connection below the WebSocket. */
  readonly raw: Duplex;
  /** Source address as the hub sees it. */
  readonly address: string;
  readonly limits: LinkLimits;
  /** Takes note of bytes that came. False: too many are held for connections like this one. */
  mayHold(dial: NewDial, bytes: number): boolean;
  /** The hello came; whoever handles it ends with `takeOver` or `refuse`. */
  onHello(dial: NewDial, hello: HelloMessage): void;
  /** The dial ended badly; called at most once. */
  onRefused(dial: NewDial, code: ErrorCode): void;
  /** The connection has closed before a session took it over. */
  onClosed(dial: NewDial): void;
}

/**
 * A connection that nobody knows yet: from the upgrade until it becomes a session or is refused. What it may make the hub
 * hold is counted on the raw socket, since ws would collect a message of full size first.
 */
export class NewDial {
  readonly address: string;
  readonly #options: NewDialOptions;
  /** What it may be holding. */
  heldBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #state: "new" | "deciding" | "over" = "new";
  /** Messages that came after the hello and before the decision. */
  #early: [data: Buffer, isBinary: boolean][] = [];

  constructor(options: NewDialOptions) {
    this.#options = options;
    this.address = options.address;
    const { socket, binary, raw, limits } = options;
    binary.reader = this;
    raw.on("data", this.#onData);
    socket.on("message", this.#onMessage);
    socket.on("error", this.#onError);
    socket.on("close", this.#onClose);
    this.#timer = setTimeout(
      () => this.refuse("hello_timeout", `No hello came within ${limits.helloTimeoutMs} ms.`),
      limits.helloTimeoutMs,
    );
  }

  /** False once it was refused or has gone away. */
  get isOpen(): boolean {
    return this.#state !== "over";
  }

  /** Says why, and closes. Does nothing when it is over already. */
  refuse(code: ErrorCode, reason: string, closeCode: number = ERRORS[code].close): void {
    if (!this.#over()) return;
    const { socket } = this.#options;
    socket.send(encodeMessage(newErrorMessage("", reason, code)));
    closeSocket(socket, closeCode, reason);
    this.#options.onRefused(this, code);
  }

  /** No dial has anything binary to say. */
  receiveBinary(): void {
    this.refuse("unexpected_binary", "The first message must be a hello, not a binary message.", 1008);
  }

  /** Makes room at once, without a word. */
  drop(): void {
    this.#over();
    this.#options.socket.terminate();
  }

  /** A session takes them over, too. */
  get binary(): BinaryMessages {
    return this.#options.binary;
  }

  /** Lets go of the connection, which is a session's from now on. @returns what came in the meantime. */
  takeOver(): [data: Buffer, isBinary: boolean][] {
    const { socket, raw } = this.#options;
    this.#over();
    raw.off("data", this.#onData);
    socket.off("message", this.#onMessage);
    socket.off("error", this.#onError);
    socket.off("close", this.#onClose);
    const early = this.#early;
    this.#early = [];
    return early;
  }

  #over(): boolean {
    if (this.#state === "over") return false;
    this.#state = "over";
    clearTimeout(this.#timer);
    return true;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.heldBytes += chunk.length;
    const { raw, limits } = this.#options;
    if (this.#options.mayHold(this, chunk.length) && this.heldBytes <= limits.maxHelloBytes) return;
    this.refuse("message_too_big", `${this.heldBytes} bytes came before the hello was accepted.`);
    // What else comes until the close is thrown away, not collected by ws.
    raw.removeAllListeners("data");
    raw.resume();
  };

  readonly #onMessage = (data: Buffer, isBinary: boolean): void => {
    if (this.#state === "over") return;
    if (this.#state === "deciding") {
      this.#early.push([data, isBinary]);
      return;
    }
    if (isBinary) {
      this.receiveBinary();
      return;
    }
    const decoded = decodeMessage(data.toString());
    if (!decoded.ok) {
      const { code, message } = decoded.problem;
      this.refuse(code, `The first message must be a hello: ${message}.`, 1008);
    } else if (decoded.message.type === "hello") {
      this.#state = "deciding";
      clearTimeout(this.#timer);
      this.#options.onHello(this, decoded.message);
    } else {
      this.refuse("unexpected_message", `The first message must be a hello, not ${decoded.message.type}.`, 1008);
    }
  };

  readonly #onError = (error: Error): void => {
    const code = socketProblem(error);
    if (this.#over() && code !== undefined) this.#options.onRefused(this, code);
  };

  readonly #onClose = (): void => {
    this.#over();
    this.#options.onClosed(this);
  };
}
