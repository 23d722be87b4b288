/**
 * A fake Docker Engine whose containers write lines without an end, in a process of its own: `web-logs-engine.ts CONTAINERS LINES_PER_SECOND`.
 * Every line's time is when it was made, so that a reader can tell how late it shows it.
 */
import type { ServerResponse } from "node:http";
import { startFakeEngine } from "@fairlead/testkit";

const [containers = 1, linesPerSecond = 10_000] = process.argv.slice(2).map(Number);

/** Lines are written in turns, as a busy container's come. */
const TURN_MS = 20;

const engine = await startFakeEngine();
engine.containers = Array.from({ length: containers }, (_, index) => ({
  Id: String(index + 1).padStart(64, "c"),
  Names: [`/writer-${index + 1}`],
  Image: "busybox",
  ImageID: `sha256:${"0".repeat(64)}`,
  Command: "write",
  Created: 1_700_000_000,
  State: "running",
  Status: "Up 1 minute",
  Ports: [],
  Labels: { "com.docker.compose.project": "writers" },
  Mounts: [],
  NetworkSettings: { Networks: {} },
  HostConfig: { NetworkMode: "default" },
  Config: { Tty: false },
}));
engine.handle("GET /containers/*/logs", ({ query, response }) => {
  response.writeHead(200, { "content-type": "application/vnd.docker.multiplexed-stream" });
  response.flushHeaders();
  if (query.get("follow") === "1") write(response, linesPerSecond / containers);
  else response.end();
});
console.log(`engine on ${engine.socketPath}`);
process.on("SIGTERM", () => void engine.stop().then(() => process.exit(0)));

function write(response: ServerResponse, perSecond: number): void {
  const start = performance.now();
  let written = 0;
  const timer = setInterval(() => {
    // What a slow reader did not take is not made up for without an end: an engine waits, too.
    if (response.writableNeedDrain) return;
    const due = Math.min(written + perSecond, Math.floor(((performance.now() - start) * perSecond) / 1000));
    const frames: Buffer[] = [];
    for (; written < due; written += 1) frames.push(frame(written));
    if (frames.length > 0) response.write(Buffer.concat(frames));
  }, TURN_MS);
  response.once("close", () => clearInterval(timer));
}

function frame(number: number): Buffer {
  const isError = number % 50 === 49;
  const text =
    number % 2 === 0
      ? `{"level":"info","msg":"served","n":${number},"path":"/page/${number % 97}","ms":${number % 90}}`
      : isError
        ? `error: upstream ${number} timed out after 3000 ms`
        : `GET /page/${number} HTTP/1.1 200 ${number % 5000} bytes in ${number % 90} ms`;
  const payload = Buffer.from(`${new Date().toISOString().slice(0, -1)}000000Z ${text}\n`);
  const header = Buffer.alloc(8);
  header[0] = isError ? 2 : 1;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}
