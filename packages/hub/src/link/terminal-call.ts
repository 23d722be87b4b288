import {
  type FairleadError,
  MAX_EXEC_INPUT_BYTES,
  MAX_TERMINAL_CELLS,
  newExecEndMessage,
  type OutgoingMessage,
  REQUEST_TIMEOUT_MS,
} from "@fairlead/protocol";
import type { CallOptions, Terminal, TerminalEnd, TerminalStart } from "../engine/engine-connection.ts";
import { AgentCall, type AnswerMessage, type CallCarrier, timedOut } from "./agent-call.ts";
import { InboundStream } from "./inbound-stream.ts";

interface Settle {
  resolve(terminal: Terminal): void;
  reject(error: FairleadError): void;
}

/** An exec session: `exec_start`, then `exec_ready` or `error`, then input, output and resize until `exec_end`. */
export class TerminalCall extends AgentCall implements Terminal {
  readonly output: InboundStream;
  readonly ended: Promise<TerminalEnd>;
  #settleEnd: (end: TerminalEnd) => void = () => {};
  #settle: Settle | undefined;

  constructor(carrier: CallCarrier, settle: Settle) {
    super(carrier);
    this.#settle = settle;
    this.output = new InboundStream(carrier.gate, (error) =>
      error.code === "cancelled" ? this.close() : this.giveUp(error),
    );
    this.ended = new Promise((resolve) => {
      this.#settleEnd = resolve;
    });
  }

  start({ container, cmd, user, cols, rows }: TerminalStart, options: CallOptions): void {
    const timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
    const what = `the start of ${cmd} in container ${container}`;
    this.after(timeoutMs, () => this.giveUp(timedOut(this.carrier.name, what, timeoutMs)));
    this.begin(
      { type: "exec_start", execId: this.id, containerId: container, cmd, user, cols: cells(cols), rows: cells(rows) },
      options,
    );
  }

  write(data: Uint8Array): void | Promise<void> {
    let sent: Promise<void> | undefined;
    for (let at = 0; at < data.length && this.isOpen; at += MAX_EXEC_INPUT_BYTES) {
      const piece = data.subarray(at, at + MAX_EXEC_INPUT_BYTES);
      sent = this.carrier.sendPaced({ type: "exec_input", execId: this.id, data: piece });
    }
    return sent;
  }

  resize(cols: number, rows: number): void {
    if (!this.isOpen) return;
    this.carrier.send({ type: "exec_resize", execId: this.id, cols: cells(cols), rows: cells(rows) });
  }

  close(): void {
    if (!this.isOpen) return;
    this.carrier.send(this.cancelMessage());
    this.#end("user_closed");
  }

  receive(message: AnswerMessage): boolean {
    switch (message.type) {
      case "exec_ready":
        this.#ready();
        return true;
      case "exec_output":
        this.#ready();
        this.output.push(message.data);
        return true;
      case "exec_end":
        this.#ready();
        this.#end(message.reason ?? "container_exit");
        return true;
      default:
        return false;
    }
  }

  fail(error: FairleadError): void {
    this.finish();
    this.#settle?.reject(error);
    this.#settle = undefined;
    this.output.fail(error);
    this.#settleEnd({ reason: "error" });
  }

  protected cancelMessage(): OutgoingMessage {
    return newExecEndMessage(this.id, "user_closed");
  }

  #ready(): void {
    if (this.#settle === undefined) return;
    this.disarm();
    const settle = this.#settle;
    this.#settle = undefined;
    settle.resolve(this);
  }

  #end(reason: string): void {
    if (!this.finish()) return;
    this.output.end();
    this.#settleEnd({ reason });
  }
}

function cells(count: number): number {
  return Number.isFinite(count) ? Math.min(Math.max(Math.trunc(count), 0), MAX_TERMINAL_CELLS) : 0;
}
