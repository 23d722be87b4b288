/**
 * A way to one environment's Docker Engine, the same for every kind of environment.
 * `link/` implements it over an agent's WebSocket (protocol 1.0), `engine/` by dialling (standard, direct, socket).
 */

/** A call of the Docker Engine API. `path` has its query; header names are lower case. */
export interface EngineCall {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** At most MAX_BODY_BYTES. */
  readonly body?: Uint8Array;
}

export interface EngineAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  /** At most MAX_BODY_BYTES. */
  readonly body: Uint8Array;
}

export interface EngineStream {
  readonly status: number;
  /** Lower-case names; of a 1.0 agent's stream they are what can be known: the path's usual content type. */
  readonly headers: Record<string, string>;
  /**
   * The body as it comes. Ends cleanly only when the engine ended it cleanly; throws a `FairleadError` when it broke off.
   * Leaving the loop cancels the call at the engine.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the call at the engine. Safe to call at any time, any number of times. */
  cancel(): void;
}

export interface TerminalStart {
  readonly container: string;
  readonly cmd: string;
  /** Empty: the container's own user. */
  readonly user: string;
  readonly cols: number;
  readonly rows: number;
}

export interface TerminalEnd {
  /** user_closed, container_exit or error. */
  readonly reason: string;
  readonly exitCode?: number;
}

/** An interactive exec with a terminal. Input, resize and output keep their order. */
export interface Terminal {
  /** Output of the terminal; ends when the exec does, throws when the way to it breaks. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Settles after the output has ended. */
  readonly ended: Promise<TerminalEnd>;
  /** Where it gives a promise, that settles when more input may be written: a sender that waits for it never piles input up. */
  write(data: Uint8Array): void | Promise<void>;
  resize(cols: number, rows: number): void;
  /** Ends the exec as the user's wish. */
  close(): void;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds until `agent_timeout` or `engine_timeout`. Default REQUEST_TIMEOUT_MS. */
  readonly timeoutMs?: number;
}

export interface EngineConnection {
  /**
   * A call whose answer is held whole.
   * @throws FairleadError agent_disconnected, agent_timeout, agent_error, engine_unreachable, engine_timeout, engine_error, response_too_large, cancelled
   */
  request(call: EngineCall, options?: CallOptions): Promise<EngineAnswer>;
  /** A call whose answer streams. Resolves when the status is known (or as good as known, over 1.0). Same errors. */
  openStream(call: EngineCall, options?: CallOptions): Promise<EngineStream>;
  /** @throws FairleadError exec_create_failed, exec_start_failed, not_found and the errors of `request`. */
  openTerminal(start: TerminalStart, options?: CallOptions): Promise<Terminal>;
}
