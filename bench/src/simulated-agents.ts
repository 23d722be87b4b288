/**
 * Many 1.0 agents in one process: each dials with a token of its own, says hello, answers pings and the hub's look at its engine.
 * Reads its plan as JSON from a file named on the command line; prints `admitted N in MS ms` after every time all are in.
 * SIGUSR2 begins to send events, and ends it; it prints `sending events` and `sent N events`.
 */
import { readFileSync } from "node:fs";
import { WebSocket } from "ws";
import { SimulatedContainers } from "./simulated-containers.ts";

/** See the top of this file. */
export interface SimulatedAgentsPlan {
  readonly url: string;
  readonly tokens: readonly string[];
  /** Of each host. Default: none. */
  readonly containers?: number;
  /** Over all hosts. */
  readonly eventsPerSecond?: number;
}

interface Request {
  type: string;
  requestId: string;
  path: string;
  timestamp: number;
}

const {
  url,
  tokens,
  containers = 0,
  eventsPerSecond = 0,
} = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as SimulatedAgentsPlan;
const hosts = tokens.map((_, index) => new SimulatedContainers(index, containers));
const sockets: (WebSocket | undefined)[] = [];
const REDIAL_MS = 200;
let admitted = 0;
let firstDialAt = 0;

const answers: Record<string, string> = {
  "/_ping": "OK",
  "/version": JSON.stringify({
    Version: "26.1.5",
    ApiVersion: "1.45",
    MinAPIVersion: "1.24",
    Os: "linux",
    Arch: "amd64",
  }),
  "/info": JSON.stringify({
    Name: "simulated",
    NCPU: 4,
    MemTotal: 8e9,
    Containers: 0,
    Images: 0,
    OperatingSystem: "Simulated",
    Architecture: "x86_64",
  }),
};

function dial(index: number): void {
  if (firstDialAt === 0) firstDialAt = performance.now();
  const socket = new WebSocket(url, { perMessageDeflate: false });
  let isIn = false;
  socket.on("open", () => {
    const name = `simulated-${index}`;
    const hello = {
      type: "hello",
      version: "0.2.0",
      protocol: "1.0",
      agentId: name,
      agentName: name,
      token: tokens[index],
      dockerVersion: "26.1.5",
      hostname: name,
      capabilities: ["exec", "metrics", "events"],
    };
    socket.send(JSON.stringify(hello));
  });
  socket.on("message", (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Request;
    if (message.type === "ping") socket.send(JSON.stringify({ type: "pong", timestamp: message.timestamp }));
    if (message.type === "request") answer(socket, message, hosts[index]);
    if (message.type === "welcome") {
      isIn = true;
      sockets[index] = socket;
      admitted += 1;
      if (admitted === tokens.length) {
        console.log(`admitted ${admitted} in ${Math.round(performance.now() - firstDialAt)} ms`);
        firstDialAt = 0;
      }
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    if (isIn) admitted -= 1;
    isIn = false;
    sockets[index] = undefined;
    setTimeout(dial, REDIAL_MS, index);
  });
}

function answer(socket: WebSocket, { requestId, path }: Request, host: SimulatedContainers | undefined): void {
  const name = path.replace(/^\/v[\d.]+/, "").replace(/\?.*/, "");
  let body = answers[name] ?? "[]";
  if (host && name === "/containers/json") body = host.list();
  if (host && /^\/containers\/[^/]+\/stats$/.test(name)) body = host.stats();
  socket.send(
    JSON.stringify({
      type: "response",
      requestId,
      statusCode: 200,
      headers: { "Content-Type": "application/json" },
      body,
    }),
  );
}

/** Events go out in portions, as often. */
const PORTION_MS = 20;
let sending: NodeJS.Timeout | undefined;
let sent = 0;

process.on("SIGUSR2", () => {
  if (sending) {
    clearInterval(sending);
    sending = undefined;
    console.log(`sent ${sent} events`);
    return;
  }
  const begunAt = performance.now();
  sent = 0;
  sending = setInterval(() => {
    // As many as there should have been by now, however late the timer is.
    const due = Math.floor(((performance.now() - begunAt) / 1000) * eventsPerSecond);
    for (; sent < due; sent += 1) {
      const index = sent % hosts.length;
      const event = hosts[index]?.nextEvent();
      if (event) sockets[index]?.send(JSON.stringify({ type: "container_event", event }));
    }
  }, PORTION_MS);
  console.log("sending events");
});

tokens.forEach((_, index) => dial(index));
