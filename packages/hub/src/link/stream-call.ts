import {
  FairleadError,
  newStreamEndMessage,
  type OutgoingMessage,
  REQUEST_TIMEOUT_MS,
  type ResponseMessage,
} from "@fairlead/protocol";
import type { CallOptions, EngineCall, EngineStream } from "../engine/engine-connection.ts";
import {
  AgentCall,
  type AnswerMessage,
  answerOf,
  brokeOff,
  type CallCarrier,
  isBroken,
  timedOut,
} from "./agent-call.ts";
import { cancelled, InboundStream } from "./inbound-stream.ts";
import { describeCall } from "./request-message.ts";
import { guessHead } from "./stream-headers.ts";

/** Text of an engine's error that goes into ours. */
const MAX_ENGINE_TEXT = 1024;

interface Settle {
  resolve(stream: EngineStream): void;
  reject(error: FairleadError): void;
}

/**
 * A request with `streaming: true`. 1.0 has no place for the status of a stream, so it is told by what comes first:
 * a `response` is the whole answer; a `stream`, empty from agents that signal the head of a 2xx answer, means 200;
 * so does silence, where the engine may well have nothing to send.
 */
export class StreamCall extends AgentCall {
  readonly #body: InboundStream;
  readonly #call: EngineCall;
  #settle: Settle | undefined;
  /** The head was given out because nothing came, so that the agent may still bring another status. */
  #isAssumed = false;

  constructor(carrier: CallCarrier, call: EngineCall, settle: Settle) {
    super(carrier);
    this.#call = call;
    this.#settle = settle;
    this.#body = new InboundStream(carrier.gate, (error) => this.giveUp(error));
  }

  start(message: OutgoingMessage, options: CallOptions): void {
    const { mayBeSilent } = guessHead(this.#call.method, this.#call.path);
    const { timeoutMs = Number.POSITIVE_INFINITY } = options;
    // Where the engine does have something to say first, its status is worth waiting for: as long as the caller likes to.
    const patienceMs = options.timeoutMs === undefined ? REQUEST_TIMEOUT_MS : Number.POSITIVE_INFINITY;
    const silenceMs = mayBeSilent ? this.carrier.silentHeadMs : patienceMs;
    const what = describeCall(this.#call);
    if (timeoutMs < silenceMs) this.after(timeoutMs, () => this.giveUp(timedOut(this.carrier.name, what, timeoutMs)));
    else this.after(silenceMs, () => this.#assumeHead());
    this.begin(message, options);
  }

  receive(message: AnswerMessage): boolean {
    switch (message.type) {
      case "response":
        this.#whole(message);
        return true;
      case "stream":
        this.#head();
        this.#body.push(message.data);
        return true;
      case "stream_end":
        if (isBroken(message)) {
          this.fail(brokeOff(this.carrier.name));
        } else if (this.finish()) {
          this.#head();
          this.#body.end();
        }
        return true;
      default:
        return false;
    }
  }

  fail(error: FairleadError): void {
    this.finish();
    this.#settle?.reject(error);
    this.#settle = undefined;
    this.#body.fail(error);
  }

  protected cancelMessage(): OutgoingMessage {
    return newStreamEndMessage(this.id, "cancelled");
  }

  /** A `response`: alone it is the answer; after `stream`s (compose with `streamOutput`) its body is the last of them. */
  #whole(message: ResponseMessage): void {
    let answer;
    try {
      answer = answerOf(message);
    } catch (error) {
      this.fail(error as FairleadError);
      return;
    }
    if (this.#isAssumed && answer.status >= 400) {
      this.fail(lateRefusal(answer.status, answer.body));
      return;
    }
    this.finish();
    this.#head(answer.status, answer.headers);
    this.#body.push(answer.body);
    this.#body.end();
  }

  #assumeHead(): void {
    this.#head();
    this.#isAssumed = true;
  }

  #head(status = 200, headers?: Record<string, string>): void {
    this.#isAssumed = false;
    if (this.#settle === undefined) return;
    this.disarm();
    const settle = this.#settle;
    this.#settle = undefined;
    settle.resolve({
      status,
      headers: headers ?? { "content-type": guessHead(this.#call.method, this.#call.path).contentType },
      body: this.#body,
      cancel: () => this.giveUp(cancelled()),
    });
  }
}

/** The status went out as 200 already: all that is left is not to end cleanly. */
function lateRefusal(status: number, body: Uint8Array): FairleadError {
  const text = Buffer.from(body).subarray(0, MAX_ENGINE_TEXT).toString();
  return new FairleadError("engine_error", `The engine refused the call with status ${status}: ${text}`);
}
