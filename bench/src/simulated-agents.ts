/**
 * Many idle 1.0 agents in one process: each dials with a token of its own, says hello, answers pings and the hub's look at its engine.
 * Reads `{url, tokens}` as JSON from a file named on the command line; prints `admitted N in MS ms` after every time all are in.
 */
import { readFileSync } from "node:fs";
import { WebSocket } from "ws";

interface Plan {
  url: string;
  tokens: string[];
}

interface Request {
  type: string;
  requestId: string;
  path: string;
  timestamp: number;
}

const { url, tokens } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Plan;
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
    if (message.type === "request") answer(socket, message);
    if (message.type === "welcome") {
      isIn = true;
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
    setTimeout(dial, REDIAL_MS, index);
  });
}

function answer(socket: WebSocket, { requestId, path }: Request): void {
  const name = path.replace(/^\/v[\d.]+/, "").replace(/\?.*/, "");
  const body = answers[name] ?? "[]";
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

tokens.forEach((_, index) => dial(index));
