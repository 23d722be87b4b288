import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { FairleadError, MAX_BODY_BYTES, MAX_HEADER_BYTES, toFairleadError } from "@fairlead/protocol";
import type { ComposeContext } from "../compose/run-compose.ts";
import type { EngineClient } from "../engine/engine-client.ts";
import type { HostMetricsReader } from "../host/host-metrics.ts";
import type { Log } from "../log.ts";
import { type AgentFacts, Health, readAgentInfo } from "./health.ts";
import { answerHealth, sendJson } from "./health-listener.ts";
import type { TokenCheck } from "./token-check.ts";

/** What the agent's own routes need. */
export interface ControlOptions {
  token: TokenCheck;
  engine: EngineClient;
  facts: AgentFacts;
  metrics: Pick<HostMetricsReader, "readDisk">;
  /** Without the signal: each request has one of its own. */
  compose: Omit<ComposeContext, "signal" | "onOutput">;
  log: Log;
}

/**
 * Serves `/_hawser/health`, `/_hawser/info` and `/_hawser/compose` on connections that are handed to it (`emit("connection", socket)`);
 * it does not listen. Every answer ends its connection.
 */
export function createControlServer(options: ControlOptions): Server {
  const health = new Health({ engine: options.engine });
  return createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    route(request, response, options, health).catch((error: unknown) => {
      const { status, message, code } = toFairleadError(error);
      if (code === "internal") options.log.error("a request for the agent failed", { error: String(error) });
      if (response.headersSent) response.destroy();
      else sendJson(response, status, { message });
    });
  });
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  options: ControlOptions,
  health: Health,
): Promise<void> {
  const target = request.url ?? "";
  const path = target.split("?")[0];
  if (path === "/_hawser/health") {
    allowMethods(request, "GET", "HEAD");
    await answerHealth(health, response);
    return;
  }
  authorize(request, target, options);
  if (path === "/_hawser/info") {
    allowMethods(request, "GET", "HEAD");
    sendJson(response, 200, await readAgentInfo(options.facts, options.engine, () => options.metrics.readDisk()));
  } else if (path === "/_hawser/compose") {
    allowMethods(request, "POST");
    await compose(request, response, options);
  } else {
    throw new FairleadError("not_found", `${path} is not a route of the agent`);
  }
}

function authorize(request: IncomingMessage, target: string, { token }: ControlOptions): void {
  const headers = Object.entries(request.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value) => [name, value] as const),
  );
  token.check({ headers, target }, request.socket.remoteAddress);
}

function allowMethods(request: IncomingMessage, ...methods: string[]): void {
  if (methods.includes(request.method ?? "")) return;
  throw new FairleadError("method_not_allowed", `${request.url?.split("?")[0]} takes ${methods.join(" and ")} only`);
}

async function compose(request: IncomingMessage, response: ServerResponse, options: ControlOptions): Promise<void> {
  const body = await readJson(request);
  // A caller that goes away cancels the operation.
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const { runCompose } = await import("../compose/run-compose.ts");
  const { status, result } = await runCompose(body, { ...options.compose, signal: gone.signal });
  sendJson(response, status, result);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES)
      throw new FairleadError("payload_too_large", `the body is over ${MAX_BODY_BYTES} bytes`);
    pieces.push(piece);
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch (error) {
    throw new FairleadError("bad_request", `the body is not JSON: ${(error as Error).message}`);
  }
}
