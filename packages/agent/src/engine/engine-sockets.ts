import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { MAX_FRAME_HEADROOM } from "@fairlead/protocol";
import type { EngineClient } from "./engine-client.ts";
import { connectedEngine } from "./connected-engine.ts";

/** One read: what the kernel holds for a unix socket comes in two or three. */
const READ_BYTES = 64 * 1024;

/** Read buffers kept for the next reads: as many as a few busy streams use in turns, and in a busy time as many as hundreds do. */
const MAX_FREE_BUFFERS = 32;
const MAX_FREE_BUFFERS_WHILE_BUSY = 512;

/** With more connections in use than this, each has one buffer only and reads no further before it was sent. */
const MAX_UNCROWDED_SOCKETS = 32;

/** Connections kept open between calls, and for how long: see `EngineClient`. */
const MAX_IDLE_SOCKETS = 64;
const IDLE_MS = 5_000;

/** Memory that engine connections read into, used again and again: a fresh buffer for each read costs more than the read. */
class ReadBuffers {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(MAX_FRAME_HEADROOM + READ_BYTES);
  }

  release(buffer: Buffer): void {
    if (this.#free.length < MAX_FREE_BUFFERS_WHILE_BUSY) this.#free.push(buffer);
  }

  /** The busy time is over. */
  trim(): void {
    this.#free.splice(MAX_FREE_BUFFERS);
  }

  clear(): void {
    this.#free.length = 0;
  }
}

/** Who uses a connection to the engine. */
export interface EngineSocketUser {
  /**
   * Bytes of the engine, with MAX_FRAME_HEADROOM bytes of their own before them where `hasHeadroom`. Their memory is the user's until it
   * calls `release`, exactly once.
   * @returns false to read no more until the socket's `resume`. Of a read that was the only one held then, only after its `release`.
   */
  read(bytes: Buffer, hasHeadroom: boolean, release: () => void): boolean;
  /** The engine sends no more. */
  ended(): void;
  /** The connection is gone, without an end before. */
  broke(error: Error): void;
}

/** One connection to the engine, used by one call after the other. */
export class EngineSocket {
  /** Set by `attach`, before anybody else has it. */
  declare socket: Socket;
  user: EngineSocketUser | undefined;
  /** It has carried a call already. */
  isUsed = false;
  readonly #buffers: ReadBuffers;
  /** What the next read goes to. */
  #current: Buffer | undefined;
  /** Reads that their user has not released yet. */
  #held = 0;
  /** The one held read is still in `#current`: there is no other buffer, and no reading before it is released. */
  #isCurrentHeld = false;
  #error: Error | undefined;
  #hasEnded = false;

  constructor(buffers: ReadBuffers) {
    this.#buffers = buffers;
  }

  /** @internal */
  attach(socket: Socket): void {
    this.socket = socket;
    socket.on("end", () => {
      this.#hasEnded = true;
      if (this.user) this.user.ended();
      else socket.destroy();
    });
    socket.on("error", (error) => (this.#error = error));
    if (socket instanceof TLSSocket) socket.on("data", (bytes: Buffer) => this.#received(bytes));
    socket.once("close", () => {
      if (this.#current !== undefined && !this.#isCurrentHeld) this.#buffers.release(this.#current);
      this.#current = undefined;
      if (!this.#hasEnded) this.user?.broke(this.#error ?? new Error("the connection was closed"));
    });
  }

  /** @internal The buffer for the next read. */
  nextBuffer(): Buffer {
    this.#current ??= this.#buffers.take();
    return this.#current.subarray(MAX_FRAME_HEADROOM);
  }

  /** @internal */
  hasRead(length: number): boolean {
    const buffer = this.#current;
    this.#current = undefined;
    if (buffer === undefined) return true;
    if (this.user === undefined) {
      // Bytes that answer nothing: whatever comes next would be taken for the next call's answer.
      this.socket.destroy();
      return true;
    }
    const bytes = buffer.subarray(MAX_FRAME_HEADROOM, MAX_FRAME_HEADROOM + length);
    this.#held += 1;
    const readsOn = this.user.read(bytes, true, () => this.#released(buffer));
    if (!readsOn && this.#held === 1) {
      this.#current = buffer;
      this.#isCurrentHeld = true;
    }
    return readsOn;
  }

  #released(buffer: Buffer): void {
    this.#held -= 1;
    if (this.#isCurrentHeld && this.#current === buffer) this.#isCurrentHeld = false;
    else this.#buffers.release(buffer);
  }

  /** TLS reads into memory of its own. */
  #received(bytes: Buffer): void {
    if (this.user === undefined) this.socket.destroy();
    else if (!this.user.read(bytes, false, () => {})) this.socket.pause();
  }
}

/** Raw connections to the engine for streams: new ones, and idle ones kept for the next call. */
export class EngineSockets {
  readonly #engine: EngineClient;
  readonly #buffers = new ReadBuffers();
  readonly #idle: EngineSocket[] = [];
  #open = 0;

  constructor(engine: EngineClient) {
    this.#engine = engine;
  }

  get engineName(): string {
    return this.#engine.name;
  }

  /** So many connections are in use that one read each has to do. */
  get isCrowded(): boolean {
    return this.#open - this.#idle.length > MAX_UNCROWDED_SOCKETS;
  }

  /** An idle connection, or a new one. @throws FairleadError engine_unreachable, engine_timeout */
  acquire(mayBeUsed: boolean): EngineSocket | Promise<EngineSocket> {
    const idle = mayBeUsed ? this.#idle.pop() : undefined;
    if (idle === undefined) return this.#connect();
    idle.socket.setTimeout(0);
    idle.socket.ref();
    return idle;
  }

  /** Keeps a connection whose call is complete, both ways. */
  release(socket: EngineSocket): void {
    socket.user = undefined;
    socket.isUsed = true;
    if (this.#idle.length >= MAX_IDLE_SOCKETS || socket.socket.destroyed) {
      socket.socket.destroy();
      return;
    }
    socket.socket.resume();
    socket.socket.setTimeout(IDLE_MS);
    this.#idle.push(socket);
  }

  /** Closes idle connections and lets their memory go. */
  close(): void {
    for (const { socket } of this.#idle.splice(0)) socket.destroy();
    this.#buffers.clear();
  }

  async #connect(): Promise<EngineSocket> {
    const made = new EngineSocket(this.#buffers);
    const onread = { buffer: () => made.nextBuffer(), callback: (length: number) => made.hasRead(length) };
    const socket = (await connectedEngine({
      name: this.#engine.name,
      connect: () => this.#engine.connect(onread),
    })) as Socket;
    made.attach(socket);
    this.#open += 1;
    socket.once("close", () => (this.#open -= 1));
    const forget = (): void => {
      const at = this.#idle.indexOf(made);
      if (at !== -1) this.#idle.splice(at, 1);
    };
    socket.once("close", forget);
    socket.on("timeout", () => {
      forget();
      socket.destroy();
      this.#buffers.trim();
    });
    return made;
  }
}
