import type { Socket } from "node:net";
import { callEngineJson, startExec } from "./legacy-engine.ts";
import type { WireConnection, WireMessage } from "./wire-connection.ts";

interface Session {
  dockerExecId: string;
  socket: Socket;
}

/** Exec sessions of one connection, as a 1.0 agent keeps them. Messages of one session are handled one after another. */
export class LegacyExecs {
  readonly #connection: WireConnection;
  readonly #dockerSocket: string | undefined;
  readonly #sessions = new Map<string, Session>();
  readonly #order = new Map<string, Promise<void>>();

  constructor(connection: WireConnection, dockerSocket: string | undefined) {
    this.#connection = connection;
    this.#dockerSocket = dockerSocket;
  }

  /** Sessions open now. */
  get openCount(): number {
    return this.#sessions.size;
  }

  /** Handles `exec_start`, `exec_input`, `exec_resize` and `exec_end`, in the order they came. */
  handle(message: WireMessage): void {
    const execId = String(message["execId"]);
    const before = this.#order.get(execId) ?? Promise.resolve();
    const now = before.then(() => this.#handleNow(execId, message)).catch(() => {});
    this.#order.set(execId, now);
    void now.then(() => {
      if (this.#order.get(execId) === now) this.#order.delete(execId);
    });
  }

  endAll(): void {
    for (const { socket } of this.#sessions.values()) socket.destroy();
  }

  async #handleNow(execId: string, message: WireMessage): Promise<void> {
    const session = this.#sessions.get(execId);
    switch (message["type"]) {
      case "exec_start":
        return this.#start(execId, message);
      case "exec_input":
        session?.socket.write(Buffer.from(String(message["data"]), "base64"));
        return;
      case "exec_resize":
        if (session) await this.#resize(session.dockerExecId, message);
        return;
      default:
        session?.socket.end();
    }
  }

  async #start(execId: string, message: WireMessage): Promise<void> {
    const fail = (error: string, code: string): void =>
      this.#connection.send({ type: "error", requestId: execId, error, code });
    if (this.#dockerSocket === undefined) return fail("exec create failed: no Docker", "EXEC_CREATE_ERROR");
    const created = await callEngineJson(
      this.#dockerSocket,
      "POST",
      `/containers/${String(message["containerId"])}/exec`,
      {
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: true,
        Cmd: [message["cmd"]],
        User: message["user"],
      },
    );
    if (created.status !== 201)
      return fail(`exec create failed: ${created.status} - ${created.text}`, "EXEC_CREATE_ERROR");
    const dockerExecId = String(created.json["Id"]);
    try {
      const socket = await startExec(this.#dockerSocket, dockerExecId);
      this.#sessions.set(execId, { dockerExecId, socket });
      this.#pump(execId, socket);
    } catch (error) {
      return fail(String(error), "EXEC_START_ERROR");
    }
    this.#connection.send({ type: "exec_ready", execId });
    await this.#resize(dockerExecId, message);
  }

  #pump(execId: string, socket: Socket): void {
    socket.on("error", () => {});
    socket.on("data", (data: Buffer) => {
      this.#connection.send({ type: "exec_output", execId, data: data.toString("base64") });
    });
    socket.once("close", () => {
      this.#sessions.delete(execId);
      this.#connection.send({ type: "exec_end", execId, reason: "container_exit" });
    });
  }

  async #resize(dockerExecId: string, { cols, rows }: WireMessage): Promise<void> {
    const size = `h=${String(rows)}&w=${String(cols)}`;
    await callEngineJson(this.#dockerSocket ?? "", "POST", `/exec/${dockerExecId}/resize?${size}`);
  }
}
