import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { type AnswerHead, readAnswerHead } from "../engine/answer-head.ts";
import type { DialledEngine } from "../engine/dialled-engine.ts";
import { KEEP_ALIVE_DELAY_MS } from "../engine/engine-dialer.ts";
import { wasReset } from "../engine/end-on-reset.ts";
import { engineFailure } from "../engine/engine-failure.ts";
import { noteAnswer } from "../http/answer-note.ts";
import { endAndLinger, refuseTakeOver, resetConnection } from "./docker-error.ts";
import { takeOverHeaders } from "./forwarded-headers.ts";
import { passBody, readShortBody } from "./pass-body.ts";
import { lengthHeaders, takeChunkedBody } from "./read-chunked-body.ts";
import { splice, type SpliceTap } from "./splice.ts";
import { writeAndWait } from "./write-and-wait.ts";

/**
 * Carries a call whose connection the engine takes over (attach, exec, BuildKit) as raw bytes: the engine's own head, 101 or
 * not, then whatever both sides say until both have ended.
 *
 * @param early What came with the request's head; the rest of the request's body is still in the connection.
 */
export async function carryTakeOver(
  engine: DialledEngine,
  request: IncomingMessage,
  caller: Socket,
  early: Buffer,
  path: string,
  tap?: SpliceTap,
): Promise<void> {
  caller.setTimeout(0).setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  caller.on("error", () => {});
  let upstream: Socket | undefined;
  const leave = (): void => void upstream?.destroy();
  caller.once("close", leave);
  try {
    upstream = await engine.dialer.dial();
    if (caller.destroyed) {
      upstream.destroy();
      return;
    }
    if (early.length > 0) caller.unshift(early);
    const chunked = await takeChunkedBody(request, caller);
    const body = chunked ?? (await readShortBody(request, caller));
    upstream.write(Buffer.concat([Buffer.from(requestHead(engine, request, path, chunked), "latin1"), body]));
    const stopBody = chunked ? () => {} : passBody(request, caller, upstream, body.length);
    const answer = await finalHead(caller, upstream);
    stopBody();
    caller.off("close", leave);
    noteAnswer(caller, { status: answer.status });
    if (isOrdinary(answer)) await deliverOrdinary(answer, caller, upstream);
    else splice(caller, upstream, answer.bytes, tap);
  } catch (error) {
    upstream?.destroy();
    refuseTakeOver(request, caller, engineFailure(engine.environment, error, "head"));
  }
}

function requestHead(
  engine: DialledEngine,
  request: IncomingMessage,
  path: string,
  chunked: Buffer | undefined,
): string {
  const { headers, hostHeader } = engine.dialer;
  const isUpgrade = request.headers.upgrade !== undefined;
  const raw = chunked ? lengthHeaders(request, isUpgrade, chunked.length) : takeOverHeaders(request, isUpgrade);
  const lines = [`${request.method} ${path} HTTP/1.1`, `Host: ${hostHeader}`];
  for (let at = 0; at < raw.length; at += 2) lines.push(`${raw[at]}: ${raw[at + 1]}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  // Should the engine give an ordinary answer instead, its end must be seen: nothing else may follow on this connection.
  if (!isUpgrade) lines.push("Connection: close");
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The head that counts: `100 Continue` and the like are passed on and skipped. */
async function finalHead(caller: Socket, upstream: Socket): Promise<AnswerHead> {
  for (;;) {
    const answer = await readAnswerHead(upstream);
    if (answer.status >= 200 || answer.status === 101) return answer;
    caller.write(answer.bytes);
  }
}

/** An answer with a length or chunks is an ordinary one: the engine did not take the connection over. */
function isOrdinary({ status, headers }: AnswerHead): boolean {
  if (status === 101) return false;
  return headers.has("content-length") || headers.has("transfer-encoding") || status === 204 || status === 304;
}

/** Delivers an ordinary answer and ends the connection with it: a further request on it would go past the hub's own gate. */
async function deliverOrdinary(answer: AnswerHead, caller: Socket, upstream: Socket): Promise<void> {
  caller.resume();
  const length = answer.headers.get("content-length");
  let left = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
  if (answer.status === 204 || answer.status === 304) left = 0;
  // Chunks end where the engine's connection does.
  if (left === Number.POSITIVE_INFINITY) upstream.end();
  caller.write(closingHead(answer));
  try {
    if (left > 0) {
      for await (const chunk of upstream as AsyncIterable<Buffer>) {
        const part = chunk.subarray(0, left);
        left -= part.length;
        if (!(await writeAndWait(caller, part)) || left === 0) break;
      }
    }
    if (left > 0 && (left !== Number.POSITIVE_INFINITY || wasReset(upstream))) resetConnection(caller);
    else endAndLinger(caller);
  } catch {
    resetConnection(caller);
  }
  upstream.destroy();
}

function closingHead({ bytes }: AnswerHead): string {
  const lines = bytes.toString("latin1").trimEnd().split("\r\n");
  const kept = lines.filter((line) => !/^(connection|keep-alive)\s*:/i.test(line));
  return `${[...kept, "Connection: close"].join("\r\n")}\r\n\r\n`;
}
