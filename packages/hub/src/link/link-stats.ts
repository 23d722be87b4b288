/** Counters of the link since the hub's start, for `/metrics`. Bytes are payload bytes of WebSocket messages. */
export interface LinkStats {
  /** Agents connected now. */
  connected: number;
  /** Streams of the streams extension that are open now. */
  openStreams: number;
  /** Connections that have not said hello, or wait for the decision on it. */
  pending: number;
  /** Agents admitted. */
  accepted: number;
  /** Dials refused, by error code. */
  refused: Record<string, number>;
  /** Messages that could not be understood or came from the wrong side, by error code. */
  badMessages: Record<string, number>;
  /** Messages of types that 1.0 does not have. */
  unknownTypes: number;
  /** Messages about a request, stream or exec that is not open: late answers mostly. */
  lateMessages: number;
  /** Streams cut because their reader held up the agent. */
  slowReaders: number;
  messagesIn: number;
  messagesOut: number;
  bytesIn: number;
  bytesOut: number;
}

export function newLinkStats(): LinkStats {
  return {
    connected: 0,
    openStreams: 0,
    pending: 0,
    accepted: 0,
    refused: {},
    badMessages: {},
    unknownTypes: 0,
    lateMessages: 0,
    slowReaders: 0,
    messagesIn: 0,
    messagesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
}

/** Adds one. Keys are error codes, of which there are few. */
export function count(counters: Record<string, number>, code: string): void {
  counters[code] = (counters[code] ?? 0) + 1;
}
