import { type MuxStream, type StreamOpen, toFairleadError } from "@fairlead/protocol";
import type { EngineClient } from "../engine/engine-client.ts";
import type { EngineSockets } from "../engine/engine-sockets.ts";
import type { Policy } from "../policy/policy.ts";
import { EngineExchange } from "./engine-exchange.ts";
import { HeldStream } from "./held-stream.ts";

/** A policy, and the engine that it may have to ask. */
export interface GuardedEngine {
  readonly policy: Policy;
  readonly engine: EngineClient;
}

/** What a stream's user does once the stream was refused. */
const NOBODY = { data() {}, end() {}, reset() {} };

/** Answers a stream that a hub opens: asks the policy, if there is one, then the engine. Never throws. */
export function serveStream(
  stream: MuxStream,
  open: StreamOpen,
  sockets: EngineSockets,
  guarded: GuardedEngine | undefined,
): void {
  try {
    if (guarded === undefined) beginExchange(stream, open, sockets);
    else serveUnderPolicy(stream, open, sockets, guarded);
  } catch (error) {
    refuseStream(stream, error);
  }
}

function serveUnderPolicy(
  stream: MuxStream,
  open: StreamOpen,
  sockets: EngineSockets,
  { policy, engine }: GuardedEngine,
): void {
  const { method, path, headers, upgrade } = open;
  const review = policy.judge({ method, target: path, headers, upgrade }, engine);
  if (review === undefined) {
    beginExchange(stream, open, sockets);
    return;
  }
  const held = new HeldStream(stream, open, review, (released) => {
    try {
      const exchange = beginExchange(stream, released.open, sockets, released.consumedBytes);
      for (const bytes of released.came) exchange.data(bytes);
      if (released.hasEnded) exchange.end();
    } catch (error) {
      refuseStream(stream, error);
    }
  });
  stream.user = held;
  held.start();
}

/** @throws FairleadError bad_request when the call is not valid HTTP */
function beginExchange(stream: MuxStream, open: StreamOpen, sockets: EngineSockets, consumedBytes = 0): EngineExchange {
  const exchange = new EngineExchange(stream, open, sockets, consumedBytes);
  stream.user = exchange;
  exchange.start();
  return exchange;
}

function refuseStream(stream: MuxStream, error: unknown): void {
  stream.user = NOBODY;
  const { code, message } = toFairleadError(error);
  stream.reset(code, message);
}
