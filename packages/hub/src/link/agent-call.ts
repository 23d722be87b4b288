import { randomUUID } from "node:crypto";
import {
  FairleadError,
  newStreamEndMessage,
  type Message,
  type OutgoingMessage,
  REQUEST_TIMEOUT_MS,
  type ResponseMessage,
  type StreamEndMessage,
} from "@fairlead/protocol";
import type { CallOptions, EngineAnswer } from "../engine/engine-connection.ts";
import type { AgentCallOptions } from "./agent-session.ts";
import { cancelled } from "./inbound-stream.ts";
import type { ReadGate } from "./read-gate.ts";

/** Longest delay that Node's timers take; a longer timeout is as good as none. */
const MAX_TIMER_MS = 2_147_483_647;

/** Messages that answer a request, stream or exec. */
export type AnswerMessage = Extract<
  Message,
  { type: "response" | "stream" | "stream_end" | "exec_ready" | "exec_output" | "exec_end" }
>;

/** What a call needs of the session that carries it. */
export interface CallCarrier {
  readonly gate: ReadGate;
  /** Times of the limits that calls keep. */
  readonly silentHeadMs: number;
  /** Name of the environment and agent for messages. */
  readonly name: string;
  /** @throws FairleadError agent_disconnected, needs_streams (too big), too_many_requests. */
  begin(call: AgentCall, message: OutgoingMessage): void;
  /** Sends if the session is still open. */
  send(message: OutgoingMessage): void;
  /** Sends likewise. A promise when much waits for the agent to read: it settles when this message is out. */
  sendPaced(message: OutgoingMessage): Promise<void> | undefined;
  forget(call: AgentCall): void;
}

/** One request, stream or exec that is open on an agent's connection. */
export abstract class AgentCall {
  readonly id = randomUUID();
  protected readonly carrier: CallCarrier;
  #timer: NodeJS.Timeout | undefined;
  #signal: AbortSignal | undefined;
  #isOpen = true;

  constructor(carrier: CallCarrier) {
    this.carrier = carrier;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** An answer of the agent. False: it does not belong to this kind of call. */
  abstract receive(message: AnswerMessage): boolean;

  /** Ends the call with an error: the agent's, or the end of the connection. */
  abstract fail(error: FairleadError): void;

  /** What the agent has to be told when the caller wants no more. */
  protected abstract cancelMessage(): OutgoingMessage;

  /** Ends the call because the caller wants no more or the time is over. */
  protected giveUp(error: FairleadError): void {
    if (!this.#isOpen) return;
    this.carrier.send(this.cancelMessage());
    this.fail(error);
  }

  /** Sends the first message and minds the caller's signal. A failure to send fails the call. */
  protected begin(message: OutgoingMessage, { signal }: CallOptions): void {
    try {
      if (signal?.aborted) throw cancelled();
      this.carrier.begin(this, message);
    } catch (error) {
      this.fail(error as FairleadError);
      return;
    }
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Arms the one timer of the call; the one before is disarmed. */
  protected after(ms: number, action: () => void): void {
    clearTimeout(this.#timer);
    if (this.#isOpen && ms <= MAX_TIMER_MS) this.#timer = setTimeout(action, ms);
  }

  protected disarm(): void {
    clearTimeout(this.#timer);
  }

  /** Takes the call off the session. False when it was off already. */
  protected finish(): boolean {
    if (!this.#isOpen) return false;
    this.#isOpen = false;
    this.disarm();
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.carrier.forget(this);
    return true;
  }

  readonly #onAbort = (): void => this.giveUp(cancelled());
}

interface Settle {
  resolve(answer: EngineAnswer): void;
  reject(error: FairleadError): void;
}

/** A request whose answer comes whole, in one `response`. */
export class BufferedCall extends AgentCall {
  readonly #settle: Settle;
  readonly #options: AgentCallOptions;

  constructor(carrier: CallCarrier, settle: Settle, options: AgentCallOptions) {
    super(carrier);
    this.#settle = settle;
    this.#options = options;
  }

  start(message: OutgoingMessage, what: string): void {
    const timeoutMs = this.#options.timeoutMs ?? REQUEST_TIMEOUT_MS;
    this.after(timeoutMs, () => this.giveUp(timedOut(this.carrier.name, what, timeoutMs)));
    this.begin(message, this.#options);
  }

  receive(message: AnswerMessage): boolean {
    switch (message.type) {
      case "response":
        if (this.finish()) this.#answered(message);
        return true;
      case "stream":
        // Compose with `streamOutput`: lines of output before the one response.
        this.#options.onStream?.(message.data);
        return true;
      case "stream_end":
        if (isBroken(message)) this.fail(brokeOff(this.carrier.name));
        return true;
      default:
        return false;
    }
  }

  fail(error: FairleadError): void {
    this.finish();
    this.#settle.reject(error);
  }

  /** 1.0 knows it for streams only: deployed agents ignore it here, and their late answer is ignored; ours end the call. */
  protected cancelMessage(): OutgoingMessage {
    return newStreamEndMessage(this.id, "cancelled");
  }

  #answered(message: ResponseMessage): void {
    try {
      this.#settle.resolve(answerOf(message));
    } catch (error) {
      this.#settle.reject(error as FairleadError);
    }
  }
}

const EMPTY = new Uint8Array(0);
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// Characters that cannot stand in a header's value (RFC 9110 section 5.5).
const NOT_IN_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

/** @throws FairleadError agent_error when the status is none that an engine can give. */
export function answerOf({ statusCode, headers, body }: ResponseMessage): EngineAnswer {
  if (statusCode < 200 || statusCode > 599) {
    throw new FairleadError(
      "agent_error",
      `The agent answered with status ${statusCode}, which is not an HTTP status.`,
    );
  }
  const lowerCase: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (HEADER_NAME.test(name) && !NOT_IN_HEADER.test(value)) lowerCase[name.toLowerCase()] = value;
  }
  return { status: statusCode, headers: lowerCase, body: body ?? EMPTY };
}

export function timedOut(name: string, what: string, timeoutMs: number): FairleadError {
  return new FairleadError("agent_timeout", `${name} did not answer ${what} within ${timeoutMs} ms.`);
}

/** True for a `stream_end` that says that the stream is not whole; one that the hub did not ask for is no `cancelled` of ours. */
export function isBroken({ reason }: StreamEndMessage): boolean {
  return reason === "error" || reason === "cancelled";
}

export function brokeOff(name: string): FairleadError {
  return new FairleadError("engine_error", `${name} reports that the answer of its engine broke off.`);
}
