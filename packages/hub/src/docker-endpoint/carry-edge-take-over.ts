import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { EngineConnection } from "../engine/engine-connection.ts";
import { answerEdgeCall } from "./carry-edge.ts";
import { refuseTakeOver, responseOnSocket, sendDockerError } from "./docker-error.ts";
import { barePath } from "./docker-path.ts";
import { needsStreams } from "./edge-body.ts";
import { linkRequestHeaders } from "./forwarded-headers.ts";

/** `{"Detach":true,"Tty":false}` and the like. */
const MAX_EXEC_START_BYTES = 64 * 1024;

/**
 * Answers a call that would take the connection over. Protocol 1.0 cannot carry it, with one exception: a detached exec start
 * has an ordinary answer.
 */
export async function carryEdgeTakeOver(
  agent: EngineConnection,
  name: string,
  request: IncomingMessage,
  caller: Socket,
  early: Buffer,
  path: string,
): Promise<void> {
  caller.on("error", () => {});
  const isExecStart = barePath(path).startsWith("/exec/");
  const body = isExecStart ? await readSmallBody(request, caller, early) : undefined;
  if (caller.destroyed) return;
  if (body === undefined || !isDetached(body)) {
    refuseTakeOver(request, caller, needsStreams(name, `${request.method} ${barePath(path)}`, instead(path)));
    return;
  }
  const response = responseOnSocket(request, caller);
  const gone = new AbortController();
  caller.once("close", () => gone.abort());
  try {
    const call = { method: request.method ?? "POST", path, headers: linkRequestHeaders(request), body };
    await answerEdgeCall(agent, call, response, gone.signal);
  } catch (error) {
    sendDockerError(request, response, error);
  }
}

function instead(path: string): string {
  const bare = barePath(path);
  if (bare === "/session" || bare === "/grpc") return "The classic builder works: DOCKER_BUILDKIT=0 docker build …";
  if (bare.startsWith("/exec/")) return "fairlead exec gives a terminal; docker exec -d works.";
  return "docker logs -f shows the output; fairlead exec gives a terminal; docker run -d works.";
}

/** The body with the length that the request announced; `undefined` where it has none or a large one, or the caller leaves. */
async function readSmallBody(request: IncomingMessage, caller: Socket, early: Buffer): Promise<Buffer | undefined> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (!(length > 0 && length <= MAX_EXEC_START_BYTES)) return undefined;
  let body = early;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onData = (chunk: Buffer): void => {
    body = Buffer.concat([body, chunk]);
    if (body.length >= length) resolve();
  };
  caller.on("data", onData).once("end", resolve).once("close", resolve);
  onData(Buffer.alloc(0));
  await promise;
  caller.off("data", onData).off("end", resolve).off("close", resolve);
  return body.length >= length ? body.subarray(0, length) : undefined;
}

function isDetached(body: Buffer): boolean {
  try {
    return (JSON.parse(body.toString()) as { Detach?: unknown } | null)?.Detach === true;
  } catch {
    return false;
  }
}
