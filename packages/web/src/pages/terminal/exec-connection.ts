import type { ExecControl } from "@fairlead/protocol/rest";
import { type ExecOutcome, execOutcome } from "./exec-outcome.ts";

export interface ExecEvents {
  readonly onReady: () => void;
  readonly onBytes: (bytes: Uint8Array) => void;
  /** The last that is told. */
  readonly onEnd: (outcome: ExecOutcome) => void;
}

/** One WebSocket to a program in a container. */
export class ExecConnection {
  readonly #socket: WebSocket;
  #last: ExecControl | undefined;
  #ready = false;
  #done = false;

  constructor(url: URL, { onReady, onBytes, onEnd }: ExecEvents) {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (this.#done) return;
      if (typeof data !== "string") {
        onBytes(new Uint8Array(data));
        return;
      }
      this.#last = JSON.parse(data) as ExecControl;
      if (this.#last.type !== "ready") return;
      this.#ready = true;
      onReady();
    });
    socket.addEventListener("close", ({ code }) => {
      if (this.#done) return;
      this.#done = true;
      onEnd(execOutcome(this.#last, this.#ready, code));
    });
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  resize(size: { readonly cols: number; readonly rows: number }): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ type: "resize", ...size } satisfies ExecControl));
  }

  /** Ends the program, too; nothing is told any more. */
  close(): void {
    this.#done = true;
    this.#socket.close();
  }
}
