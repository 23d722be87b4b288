import { type ClientRequest, type IncomingMessage, request, type RequestOptions } from "node:http";
import { connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { patternBlock, patternBytes, patternSha256 } from "./pattern.ts";

/** Where the Docker API of a fake engine is: its socket, or a hub's Docker endpoint. */
export interface DockerTarget {
  readonly connection: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  /** Goes before every path. */
  readonly prefix: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a transfer ended for the one who asked for it. */
export interface Transfer {
  /**
   * - `complete`: it ended in order, and everything is right
   * - `failed`: its end cannot be taken for a success: a broken connection, or an answer with a status of 500 or more
   * - `left`: the caller went away on purpose
   * - `wrong`: it ended as if all were well, and something is missing or different. This must never happen
   */
  readonly outcome: "complete" | "failed" | "left" | "wrong";
  /** Bytes received; of an upload those that the engine counted. */
  readonly bytes: number;
  /** What was seen at the end. */
  readonly detail: string;
}

export interface DownloadOptions {
  bytes: number;
  /**
   * How the engine tells the end: `Content-Length`, chunks, or the end of the connection. With `eof` the caller speaks HTTP/1.0, so that it too
   * has nothing else to tell the end by. Default `length`.
   */
  framing?: "length" | "chunked" | "eof";
  /** Reads no faster than this. */
  bytesPerSecond?: number;
  /** Goes away after so many bytes. */
  leaveAfterBytes?: number;
}

export interface UploadOptions {
  bytes: number;
  /** Default `length`. */
  framing?: "length" | "chunked";
}

/** Downloads the fake engine's pattern and compares every byte. Never rejects. */
export async function download(target: DockerTarget, options: DownloadOptions): Promise<Transfer> {
  const { bytes, framing = "length" } = options;
  const query = framing === "length" ? "" : `&${framing}=1`;
  const path = `/v1.45/images/get?bytes=${bytes}${query}`;
  const check = new PatternCheck(bytes);
  try {
    const response = await (framing === "eof" ? getByOldHttp(target, path) : get(target, path));
    if (response.status !== 200) return refused(response.status, await textOf(response.body));
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      check.take(chunk);
      if (check.taken >= (options.leaveAfterBytes ?? Number.POSITIVE_INFINITY)) {
        response.body.destroy();
        return { outcome: "left", bytes: check.taken, detail: "left" };
      }
      if (options.bytesPerSecond !== undefined) await sleep((chunk.length / options.bytesPerSecond) * 1_000);
    }
    return check.end("the answer ended");
  } catch (error) {
    return { outcome: "failed", bytes: check.taken, detail: String(error) };
  }
}

/** Uploads the pattern to a sink of the fake engine, whose count and hash must be right. Never rejects. */
export async function upload(target: DockerTarget, { bytes, framing = "length" }: UploadOptions): Promise<Transfer> {
  const headers = { "content-type": "application/x-tar", ...(framing === "length" ? { "content-length": bytes } : {}) };
  try {
    const outgoing = send(target, "POST", `/v1.45/images/load?bytes=${bytes}`, headers);
    const answered = answerTo(outgoing);
    // A write that fails is no answer: the engine may have said why before.
    Readable.from(patternChunks(bytes)).pipe(outgoing);
    const response = await answered;
    const text = await textOf(response);
    if (response.statusCode !== 200) return refused(response.statusCode ?? 0, text);
    const counted = JSON.parse(text) as { bytes: number; sha256: string };
    const isRight = counted.bytes === bytes && counted.sha256 === patternSha256(bytes);
    return { outcome: isRight ? "complete" : "wrong", bytes: counted.bytes, detail: text };
  } catch (error) {
    return { outcome: "failed", bytes: 0, detail: String(error) };
  }
}

/** Sends the pattern through an upgraded connection of the fake engine, ends its own side, and compares what comes back. Never rejects. */
export async function echo(target: DockerTarget, { bytes }: { bytes: number }): Promise<Transfer> {
  const check = new PatternCheck(bytes);
  try {
    const body = '{"Tty":true}';
    const headers = { connection: "Upgrade", upgrade: "tcp", "content-type": "application/json" };
    const outgoing = send(target, "POST", "/v1.45/exec/fake-exec/start", { ...headers, "content-length": body.length });
    const upgraded = upgradeOf(outgoing);
    outgoing.end(body);
    const answer = await upgraded;
    if ("status" in answer) return refused(answer.status, await textOf(answer.body));
    const { socket, head } = answer;
    Readable.from(patternChunks(bytes)).pipe(socket);
    check.take(head);
    for await (const chunk of socket as AsyncIterable<Buffer>) check.take(chunk);
    return check.end("the connection ended");
  } catch (error) {
    return { outcome: "failed", bytes: check.taken, detail: String(error) };
  }
}

/** Compares bytes with the pattern as they come. */
class PatternCheck {
  taken = 0;
  #differsAt: number | undefined;
  readonly #bytes: number;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  take(chunk: Buffer): void {
    if (this.#differsAt === undefined && !chunk.equals(patternBytes(chunk.length, this.taken))) {
      this.#differsAt = this.taken;
    }
    this.taken += chunk.length;
  }

  /** What a clean end means after what was taken. */
  end(how: string): Transfer {
    const isRight = this.taken === this.#bytes && this.#differsAt === undefined;
    const where = this.#differsAt === undefined ? "" : `, different from ${this.#differsAt} on`;
    const detail = `${how} after ${this.taken} of ${this.#bytes} bytes${where}`;
    return { outcome: isRight ? "complete" : "wrong", bytes: this.taken, detail };
  }
}

function refused(status: number, text: string): Transfer {
  return { outcome: status >= 500 ? "failed" : "wrong", bytes: 0, detail: `${status} ${text.slice(0, 500)}` };
}

const CHUNK_BYTES = 64 * 1024;

function* patternChunks(bytes: number): Generator<Buffer> {
  // Pieces of the ready-made block: a slow way through must not hold copies.
  for (let at = 0; at < bytes;) {
    const from = at % patternBlock.length;
    const chunk = patternBlock.subarray(from, Math.min(from + CHUNK_BYTES, from + bytes - at));
    at += chunk.length;
    yield chunk;
  }
}

interface Answer {
  readonly status: number;
  readonly body: Readable;
}

function send(target: DockerTarget, method: string, path: string, headers: RequestOptions["headers"]): ClientRequest {
  return request({
    ...target.connection,
    method,
    path: target.prefix + path,
    headers: { ...target.headers, ...(headers as Record<string, string>) },
    // A connection of its own, which ends with the transfer.
    agent: false,
  });
}

async function get(target: DockerTarget, path: string): Promise<Answer> {
  const outgoing = send(target, "GET", path, {});
  outgoing.end();
  const body = await answerTo(outgoing);
  return { status: body.statusCode ?? 0, body };
}

function answerTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.on("error", reject);
  });
}

function upgradeOf(outgoing: ClientRequest): Promise<Answer | { socket: Socket; head: Buffer }> {
  return new Promise((resolve, reject) => {
    outgoing.once("upgrade", (_response, socket: Socket, head) => resolve({ socket, head }));
    outgoing.once("response", (body: IncomingMessage) => resolve({ status: body.statusCode ?? 0, body }));
    outgoing.on("error", reject);
  });
}

/** GET by HTTP/1.0, which Node's client does not speak: the connection's end is the answer's. */
async function getByOldHttp({ connection, prefix, headers }: DockerTarget, path: string): Promise<Answer> {
  const socket = "socketPath" in connection ? connect({ path: connection.socketPath }) : connect(connection);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${prefix}${path} HTTP/1.0\r\n${lines.join("")}\r\n`);
  let held = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    held = Buffer.concat([held, chunk]);
    const headEnd = held.indexOf("\r\n\r\n");
    if (headEnd === -1) continue;
    socket.unshift(held.subarray(headEnd + 4));
    return { status: Number(held.toString("latin1", 9, 12)), body: socket };
  }
  throw new Error("the connection ended before a head");
}

async function textOf(body: Readable): Promise<string> {
  return Buffer.concat((await body.toArray()) as Buffer[]).toString();
}
