import { toFairleadError } from "@fairlead/protocol";
import type { LogsControl } from "@fairlead/protocol/rest";
import { WebSocket } from "ws";
import type { EngineConnection } from "../engine/engine-connection.ts";
import { keepSocketAlive } from "../http/keep-socket-alive.ts";
import { LogSender } from "./log-sender.ts";
import type { LogsStart } from "./logs-query.ts";
import { openLogs } from "./open-logs.ts";

/** WebSocket close code: the log ended in order. */
const NORMAL = 1000;

/** One log: a WebSocket and the engine's answer behind it. When either goes, so does the other. */
export class LogsSession {
  readonly #socket: WebSocket;
  readonly #engine: () => EngineConnection;

  /** @param engine May throw; that becomes the `error` message. */
  constructor(socket: WebSocket, engine: () => EngineConnection) {
    this.#socket = socket;
    this.#engine = engine;
  }

  /** Runs it to its end. */
  async run(start: LogsStart): Promise<void> {
    const socket = this.#socket;
    const left = new AbortController();
    keepSocketAlive(socket);
    socket.once("close", () => left.abort());
    const sender = new LogSender(socket);
    try {
      const log = await openLogs(this.#engine(), start, left.signal);
      left.signal.addEventListener("abort", () => log.cancel());
      if (left.signal.aborted) log.cancel();
      this.#send({ type: "ready", tty: log.tty });
      for await (const chunk of log.body) await sender.send(chunk);
      sender.flush();
      this.#send({ type: "end" });
      socket.close(NORMAL);
    } catch (thrown) {
      // What came before the error counts.
      sender.flush();
      this.fail(thrown);
    }
  }

  /** Tells an error and closes. */
  fail(thrown: unknown): void {
    const { code, message, close } = toFairleadError(thrown);
    this.#send({ type: "error", code, message });
    this.#socket.close(close);
  }

  #send(control: LogsControl): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(control));
  }
}
