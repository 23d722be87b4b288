import type { MuxStream, StreamOpen } from "@fairlead/protocol";

/** A connected agent that speaks the streams extension. */
export interface StreamOpener {
  /**
   * Begins a call of the engine's API on a new stream, whose `user` must be set in the same turn.
   * @throws FairleadError agent_disconnected, too_many_streams, too_many_requests, payload_too_large
   */
  open(call: StreamOpen): MuxStream;
}
