import type { IncomingMessage, ServerResponse } from "node:http";
import type { EngineAnswer, EngineCall, EngineConnection } from "../engine/engine-connection.ts";
import { sendDockerError, sendDockerMessage } from "./docker-error.ts";
import { barePath } from "./docker-path.ts";
import { callerLeft, type HeldBodies, HeldBody, readEdgeBody } from "./edge-body.ts";
import { peekRefusal } from "./edge-refusal.ts";
import { edgeRoute } from "./edge-route.ts";
import { linkRequestHeaders, linkResponseHeaders } from "./forwarded-headers.ts";
import { writeAndWait } from "./write-and-wait.ts";

/** A stream's status is waited for this long where the engine first has something to do: packing an image, asking a registry. */
const STREAM_HEAD_TIMEOUT_MS = 15 * 60 * 1000;

/** Before this version a log's content type did not tell whether it is multiplexed. */
const FIRST_MULTIPLEXED_VERSION = 42;

/** The connected agent of an edge environment. */
export interface EdgeAgent {
  readonly agent: EngineConnection;
  /** The environment's, for messages. */
  readonly name: string;
  /** Counts what is held for all agents. */
  readonly bodies: HeldBodies;
}

/** Carries one ordinary call to an edge agent, as far as protocol 1.0 can. The caller going away cancels it at the agent. */
export async function carryEdgeCall(
  { agent, name, bodies }: EdgeAgent,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const held = new HeldBody(bodies);
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort(callerLeft());
  });
  try {
    const body = await readEdgeBody(request, response, name, held);
    const call: EngineCall = {
      method: request.method ?? "GET",
      path,
      headers: linkRequestHeaders(request),
      ...(body.length === 0 ? {} : { body }),
    };
    await answerEdgeCall(agent, call, response, gone.signal);
  } catch (error) {
    sendDockerError(request, response, error);
  } finally {
    held.release();
  }
}

/** @throws FairleadError; when the answer has begun it is to be broken off. */
export async function answerEdgeCall(
  agent: EngineConnection,
  call: EngineCall,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const route = edgeRoute(call.method, call.path);
  if (route.how === "whole") {
    sendWhole(response, call, await agent.request(call, { signal, timeoutMs: route.timeoutMs }));
    return;
  }
  const { refused, headers } = await askFirst(agent, call, route.ask, signal);
  if (refused) {
    sendWhole(response, call, refused);
    return;
  }
  const stream = await agent.openStream(call, { signal, timeoutMs: STREAM_HEAD_TIMEOUT_MS });
  const { refusal, body } = stream.status === 200 ? await peekRefusal(stream.body) : { body: stream.body };
  if (refusal) {
    sendDockerMessage(response, refusal.status, refusal.message);
    return;
  }
  writeHead(response, stream.status, { ...stream.headers, ...headers });
  for await (const chunk of body) {
    if (!(await writeAndWait(response, chunk))) return;
  }
  response.end();
}

/** What was asked before a stream. */
interface AskedFirst {
  /** The engine's answer, where it is that there will be no stream. */
  readonly refused?: EngineAnswer;
  /** For the stream's head. */
  readonly headers?: Record<string, string>;
}

/** Asks what a stream's own answer cannot tell. */
async function askFirst(
  agent: EngineConnection,
  call: EngineCall,
  ask: "container" | "archive" | "nothing",
  signal: AbortSignal,
): Promise<AskedFirst> {
  if (ask === "nothing") return {};
  if (ask === "archive") {
    const answer = await agent.request({ ...call, method: "HEAD" }, { signal });
    // HEAD has no body to say why; the same GET has, and is refused alike.
    if (answer.status >= 400) return { refused: await agent.request(call, { signal }) };
    return { headers: pick(answer.headers, "x-docker-container-path-stat") };
  }
  const [, container = ""] = /^(.*\/containers\/[^/]+)\/[^/]+$/.exec(call.path.split("?", 1)[0] ?? "") ?? [];
  const answer = await agent.request({ method: "GET", path: `${container}/json` }, { signal });
  if (answer.status >= 400) return { refused: answer };
  const isRawLog = barePath(call.path).endsWith("/logs") && isRaw(call.path, answer);
  return isRawLog ? { headers: { "content-type": RAW_STREAM } } : {};
}

const RAW_STREAM = "application/vnd.docker.raw-stream";

function isRaw(path: string, { body }: EngineAnswer): boolean {
  const minor = /^\/v1\.(\d+)\//.exec(path)?.[1];
  if (minor !== undefined && Number(minor) < FIRST_MULTIPLEXED_VERSION) return true;
  try {
    const { Config: config } = JSON.parse(Buffer.from(body).toString()) as { Config?: { Tty?: unknown } };
    return config?.Tty === true;
  } catch {
    return false;
  }
}

function pick(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  const value = headers[name];
  return value === undefined ? {} : { [name]: value };
}

function sendWhole(response: ServerResponse, call: EngineCall, answer: EngineAnswer): void {
  const { status, headers, body } = answer;
  const length = call.method === "HEAD" ? headers["content-length"] : String(body.length);
  const hasLength = length !== undefined && status !== 204 && status !== 304;
  writeHead(response, status, headers, hasLength ? ["content-length", length] : []);
  response.end(body);
}

function writeHead(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  framing: readonly string[] = [],
): void {
  response.sendDate = false;
  response.writeHead(status, [...linkResponseHeaders(headers), ...framing]);
  response.flushHeaders();
}
