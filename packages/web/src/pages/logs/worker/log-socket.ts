import { isFairleadError } from "@fairlead/protocol";
import type { LogsControl } from "@fairlead/protocol/rest";
import { FrameDemuxer } from "./frame-demuxer.ts";
import { LineAssembler, type LogLine } from "./line-assembler.ts";

/** The parts of a WebSocket that are used. */
export interface Socket {
  binaryType: BinaryType;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listener: () => void): void;
  close(): void;
}

export type OpenSocket = (url: string) => Socket;

export interface LogSocketEvents {
  readonly onReady?: () => void;
  readonly onLine: (line: LogLine) => void;
  /** The engine has ended its answer in order. */
  readonly onEnd: () => void;
  /** The hub says that it failed. */
  readonly onError: (code: string, message: string) => void;
  /** The connection is gone without a word. */
  readonly onLost: () => void;
}

/** What a log is asked for with. */
export interface LogsParameters {
  readonly container: string;
  readonly follow?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly tail: string;
}

/** The address of a container's log, as a WebSocket. */
export function logsAddress(origin: string, environmentId: number, parameters: LogsParameters): string {
  const url = new URL(`/api/v1/environments/${environmentId}/logs`, origin);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url.href;
}

/** One log from the hub: its lines, and how it ended, told once. */
export class LogSocket {
  readonly #socket: Socket;
  readonly #events: LogSocketEvents;
  readonly #lines: LineAssembler;
  readonly #frames = new FrameDemuxer();
  #isTty = false;
  #isOver = false;

  /** @param firstMicros The time of lines that have none, until one has. */
  constructor(socket: Socket, events: LogSocketEvents, firstMicros: number) {
    this.#socket = socket;
    this.#events = events;
    this.#lines = new LineAssembler((line) => {
      if (!this.#isOver) events.onLine(line);
    }, firstMicros);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#take(data));
    socket.addEventListener("close", () => this.#finish(() => events.onLost()));
  }

  /** Nothing is told after it. */
  close(): void {
    this.#isOver = true;
    this.#socket.close();
  }

  #take(data: unknown): void {
    if (this.#isOver) return;
    if (typeof data === "string") {
      this.#control(JSON.parse(data) as LogsControl);
      return;
    }
    const bytes = new Uint8Array(data as ArrayBuffer);
    try {
      if (this.#isTty) this.#lines.push(1, bytes, false);
      else this.#frames.push(bytes, (stream, piece, isStart) => this.#lines.push(stream, piece, isStart));
    } catch (error) {
      if (!isFairleadError(error)) throw error;
      this.#finish(() => this.#events.onError(error.code, error.message));
    }
  }

  #control(control: LogsControl): void {
    if (control.type === "ready") {
      this.#isTty = control.tty;
      this.#events.onReady?.();
    } else if (control.type === "end") {
      this.#lines.end();
      this.#finish(() => this.#events.onEnd());
    } else this.#finish(() => this.#events.onError(control.code, control.message));
  }

  #finish(tell: () => void): void {
    if (this.#isOver) return;
    this.close();
    tell();
  }
}
