import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { FairleadError, type StreamHead, toFairleadError } from "@fairlead/protocol";
import { KEEP_ALIVE_DELAY_MS } from "../engine/engine-dialer.ts";
import { noteAnswer } from "../http/answer-note.ts";
import { StreamDuplex } from "../streams/stream-duplex.ts";
import type { StreamOpener } from "../streams/stream-opener.ts";
import { breakOff, refuseTakeOver, responseOnSocket } from "./docker-error.ts";
import { headerPairs, streamResponseHeaders, takeOverHeaders } from "./forwarded-headers.ts";
import { passBody } from "./pass-body.ts";
import { lengthHeaders, takeChunkedBody } from "./read-chunked-body.ts";
import { splice, type SpliceTap } from "./splice.ts";
import { writeAndWait } from "./write-and-wait.ts";

/**
 * Carries a call whose connection the engine takes over (attach, exec, BuildKit) to an edge agent: the engine's head, 101 or not, then
 * whatever both sides say until both have ended.
 *
 * @param early What came with the request's head; the rest of the request's body is still in the connection.
 */
export async function carryStreamTakeOver(
  streams: StreamOpener,
  request: IncomingMessage,
  caller: Socket,
  early: Buffer,
  path: string,
  tap?: SpliceTap,
): Promise<void> {
  caller.setTimeout(0).setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
  caller.on("error", () => {});
  let engine: StreamDuplex | undefined;
  const leave = (): void => void engine?.destroy();
  caller.once("close", leave);
  try {
    if (early.length > 0) caller.unshift(early);
    const chunked = await takeChunkedBody(request, caller);
    const stream = streams.open({
      method: request.method ?? "POST",
      path,
      headers: headerPairs(chunked ? lengthHeaders(request, false, chunked.length) : takeOverHeaders(request, false)),
      upgrade: request.headers.upgrade ?? "",
    });
    engine = new StreamDuplex(stream, (head) => void caller.write(headBytes(head)));
    if (chunked) engine.write(chunked);
    const stopBody = chunked ? () => {} : passBody(request, caller, engine);
    const head = await engine.answer;
    stopBody();
    caller.off("close", leave);
    noteAnswer(caller, { status: head.status });
    if (isOrdinary(head)) await deliverOrdinary(head, request, caller, engine);
    else splice(caller, engine, headBytes(head), tap);
  } catch (error) {
    engine?.destroy();
    refuseTakeOver(request, caller, toFairleadError(error, "engine_error"));
  }
}

/** An answer with a length or chunks is an ordinary one: the engine did not take the connection over. */
function isOrdinary({ status, headers }: StreamHead): boolean {
  if (status === 101) return false;
  const isFramed = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  return isFramed || status === 204 || status === 304;
}

/** Delivers an ordinary answer and ends the connection with it: a further request on it would go past the hub's own gate. */
async function deliverOrdinary(
  head: StreamHead,
  request: IncomingMessage,
  caller: Socket,
  engine: StreamDuplex,
): Promise<void> {
  caller.resume();
  const response = responseOnSocket(request, caller);
  response.sendDate = false;
  response.writeHead(head.status, head.reason ?? "", streamResponseHeaders(head.headers));
  try {
    for await (const chunk of engine as AsyncIterable<Buffer>) {
      if (!(await writeAndWait(response, chunk))) break;
    }
    response.end();
  } catch {
    breakOff(response);
  }
  engine.destroy();
}

function headBytes({ status, reason = "", headers }: StreamHead): Buffer {
  const lines = [`HTTP/1.1 ${status} ${reason}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (lines.some((line) => /[\r\n]/.test(line)))
    throw new FairleadError("engine_error", "The answer's head is not HTTP.");
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}
