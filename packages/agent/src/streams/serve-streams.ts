import { FairleadError, type MuxStream, type StreamOpen, toFairleadError } from "@fairlead/protocol";
import type { EngineSockets } from "../engine/engine-sockets.ts";
import type { Policy } from "../policy/policy.ts";
import { EngineExchange } from "./engine-exchange.ts";

/** What a stream's user does once the stream was refused. */
const NOBODY = { data() {}, end() {}, reset() {} };

/** Answers a stream that a hub opens: asks the policy, then the engine. Never throws. */
export function serveStream(stream: MuxStream, open: StreamOpen, sockets: EngineSockets, policy: Policy): void {
  try {
    const refusal = policy(open);
    if (refusal !== undefined) throw new FairleadError("forbidden", refusal.reason);
    const exchange = new EngineExchange(stream, open, sockets);
    stream.user = exchange;
    exchange.start();
  } catch (error) {
    stream.user = NOBODY;
    const { code, message } = toFairleadError(error);
    stream.reset(code, message);
  }
}
