import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DATA_FRAME_BYTES, type FramePipe, FrameType, StreamMux, type StreamOpen } from "@fairlead/protocol";
import { waitFor } from "@fairlead/testkit";
import { EngineClient } from "../engine/engine-client.ts";
import { EngineSockets } from "../engine/engine-sockets.ts";
import { loadConfig, type RunningAgent, runAgent } from "../main.ts";
import { createLog } from "../log.ts";
import { serveStream } from "../streams/serve-streams.ts";
import { loadPolicy } from "./load-policy.ts";

/** An engine that keeps every byte it gets, and answers everything that looks like a request. For tests only. */
export class RecordingEngine implements AsyncDisposable {
  readonly socketPath: string;
  /** What came on each connection. */
  readonly connections: { text: string }[] = [];
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Answers of `GET PATH`, as JSON; a path ends what is asked for. Others get `{}`. */
  readonly answers = new Map<string, unknown>([["/version", { Version: "26.1.5", ApiVersion: "1.45" }]]);

  private constructor(folder: string) {
    this.#folder = folder;
    this.socketPath = join(folder, "docker.sock");
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(): Promise<RecordingEngine> {
    const engine = new RecordingEngine(await mkdtemp(join(tmpdir(), "fl-policy-")));
    engine.#server.listen(engine.socketPath);
    await once(engine.#server, "listening");
    return engine;
  }

  /** Everything that looks like a request line, wherever it came. */
  get allRequestLines(): string[] {
    return this.connections.flatMap(({ text }) => text.match(/[A-Za-z]+ \S+ HTTP\/1\.[01]/g) ?? []);
  }

  /** The same without the agent's own questions. */
  get requestLines(): string[] {
    return this.allRequestLines.filter((line) => !OWN_QUESTIONS.test(line));
  }

  get text(): string {
    return this.connections.map(({ text }) => text).join("\n");
  }

  forget(): void {
    for (const connection of this.connections) connection.text = "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #serve(socket: Socket): void {
    const connection = { text: "" };
    this.connections.push(connection);
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#sockets.delete(socket));
    let unanswered = "";
    socket.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      connection.text += text;
      unanswered += text;
      for (let end = unanswered.indexOf("\r\n\r\n"); end !== -1; end = unanswered.indexOf("\r\n\r\n")) {
        const head = unanswered.slice(0, end + 4);
        unanswered = unanswered.slice(end + 4);
        const [, method = "", path = ""] = /([A-Z]+) ([^\s?]+)\S* HTTP\/1\.1\r\n/.exec(head) ?? [];
        if (method !== "") socket.write(this.#answer(method, path));
      }
    });
  }

  #answer(method: string, path: string): string {
    const found = [...this.answers].find(([end]) => path.endsWith(end));
    const body = JSON.stringify(found?.[1] ?? {});
    const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    return method === "HEAD" ? head : head + body;
  }
}

/** What the agent and its policy ask the engine themselves. */
const OWN_QUESTIONS = /^GET \/(version|v1\.44\/(events\?\S*|info|containers\/[^/]+\/json|exec\/[^/]+\/json)) HTTP/;

/** An agent in the test's process, as `POLICY` and the other variables make it. */
export async function startPolicyAgent(
  env: Record<string, string>,
): Promise<RunningAgent & AsyncDisposable & { readonly lines: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "fl-agent-"));
  const lines: string[] = [];
  const log = createLog("debug", (line) => lines.push(line));
  const config = loadConfig({
    BIND_ADDRESS: "127.0.0.1",
    PORT: "0",
    TOKEN: "secret",
    FAIRLEAD_DATA_DIR: folder,
    STACKS_DIR: join(folder, "stacks"),
    ...env,
  });
  const agent = await runAgent(config, { log, print: () => {} });
  return {
    ...agent,
    lines,
    [Symbol.asyncDispose]: async () => {
      await agent.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sends raw bytes to a standard agent and gives all that comes back, to the end of the first answer or of the connection. */
export async function sayRaw(agent: RunningAgent, bytes: string, isEnough = /\r\n\r\n/): Promise<string> {
  const { host = "", port = 0 } = agent.address ?? {};
  const socket = connect({ host, port });
  let answer = "";
  let isOver = false;
  socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
  socket.on("error", () => (isOver = true));
  socket.once("close", () => (isOver = true));
  socket.write(bytes, "latin1");
  await waitFor(() => isOver || isEnough.test(answer), {
    what: () => `an answer to ${bytes}, after ${answer}`,
    timeoutMs: 10_000,
  });
  socket.destroy();
  return answer;
}

/** The agent's end of a connection with streams, and what it says on each. */
export class StreamCaller implements FramePipe, Disposable {
  readonly bufferedBytes = 0;
  readonly #sent: { type: FrameType; id: number; payload: Buffer }[] = [];
  readonly #sockets: EngineSockets;
  readonly #mux: StreamMux;
  #lastId = 0;

  private constructor(engine: EngineClient, policy: Awaited<ReturnType<typeof loadPolicy>>) {
    this.#sockets = new EngineSockets(engine);
    this.#mux = new StreamMux({
      pipe: this,
      now: () => performance.now(),
      onOpen: (stream, open) => serveStream(stream, open, this.#sockets, { policy, engine }),
      onViolation: (error) => {
        throw error;
      },
    });
  }

  static async start(socketPath: string, policy: string): Promise<StreamCaller> {
    return new StreamCaller(new EngineClient({ kind: "unix", path: socketPath }), await loadPolicy(policy));
  }

  /** Makes a call and gives the status of its answer, with the message of a refusal. */
  async call(open: Partial<StreamOpen>, body: readonly (string | Uint8Array)[] = []): Promise<StreamAnswer> {
    const id = (this.#lastId += 1);
    const head = { method: "GET", path: "/_ping", headers: [], ...open };
    this.#receive(FrameType.Open, id, Buffer.from(JSON.stringify(head)));
    for (const piece of body) {
      const bytes = Buffer.from(piece as Uint8Array);
      for (let at = 0; at < bytes.length; at += DATA_FRAME_BYTES) {
        this.#receive(FrameType.Data, id, bytes.subarray(at, at + DATA_FRAME_BYTES));
      }
    }
    this.#receive(FrameType.End, id, Buffer.alloc(0));
    return await waitFor(
      () => {
        const frames = this.#sent.filter((frame) => frame.id === id);
        const reset = frames.find(({ type }) => type === FrameType.Reset);
        if (reset) return { status: 0, ...(JSON.parse(reset.payload.toString()) as { code: string; message: string }) };
        const answer = frames.find(({ type, payload }) => type === FrameType.Head && statusOf(payload) >= 200);
        return answer && { status: statusOf(answer.payload), code: "", message: "" };
      },
      { what: () => `an answer to ${head.method} ${head.path}`, intervalMs: 1, timeoutMs: 10_000 },
    );
  }

  send(type: FrameType, id: number, payload: Uint8Array, written?: () => void): void {
    this.#sent.push({ type, id, payload: Buffer.from(payload) });
    if (written) setImmediate(written);
  }

  [Symbol.dispose](): void {
    this.#sockets.close();
  }

  #receive(type: FrameType, id: number, payload: Buffer): void {
    const head = Buffer.alloc(5);
    head.writeUInt8(type, 0);
    head.writeUInt32BE(id, 1);
    this.#mux.receive(Buffer.concat([head, payload]), true);
  }
}

/** Status of an answer's head; 0 with the code and message of a reset. */
export interface StreamAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

function statusOf(payload: Buffer): number {
  return (JSON.parse(payload.toString()) as { status: number }).status;
}

/** Writes a policy file and gives its path. */
export async function policyFile(folder: string, text: string, name = "policy.yaml"): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}
