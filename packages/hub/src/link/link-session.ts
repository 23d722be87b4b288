import type { Duplex } from "node:stream";
import {
  BinaryPipe,
  CapabilityStreams,
  decodeMessage,
  encodeMessage,
  type ErrorCode,
  type ErrorMessage,
  FairleadError,
  MAX_BAD_MESSAGES,
  MAX_EXEC_SESSIONS,
  MAX_REQUESTS_IN_FLIGHT,
  type Message,
  type MuxStream,
  newErrorMessage,
  newExecEndMessage,
  newPingMessage,
  newPongMessage,
  newStreamEndMessage,
  type OutgoingMessage,
  type Problem,
  StreamMux,
  type StreamOpen,
} from "@fairlead/protocol";
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import type {
  CallOptions,
  EngineAnswer,
  EngineCall,
  EngineStream,
  Terminal,
  TerminalStart,
} from "../engine/engine-connection.ts";
import { StreamEngine } from "../streams/stream-engine.ts";
import type { StreamOpener } from "../streams/stream-opener.ts";
import { type AgentCall, type AnswerMessage, BufferedCall, type CallCarrier } from "./agent-call.ts";
import { agentError } from "./agent-error.ts";
import type { AgentAdmission, AgentCallOptions, AgentIdentity, AgentSession, LinkListener } from "./agent-session.ts";
import { applyMask } from "./apply-mask.ts";
import type { LinkLimits } from "./link-limits.ts";
import { count, type LinkStats } from "./link-stats.ts";
import { PingClock, roundTrip } from "./ping-clock.ts";
import { ReadGate } from "./read-gate.ts";
import { describeCall, encodeWithinLimits, requestMessage } from "./request-message.ts";
import { closeSocket, describeClose, socketProblem } from "./socket-close.ts";
import { StreamCall } from "./stream-call.ts";
import { TerminalCall } from "./terminal-call.ts";

/** What all sessions of a link share. */
export interface SessionHost {
  readonly limits: LinkLimits;
  readonly stats: LinkStats;
  readonly log: Logger;
  readonly listener: LinkListener;
  /** The session is over; called once, before its listeners hear of it. */
  ended(session: LinkSession): void;
}

/** The codec gives bytes, which are a text message all the same. */
const AS_TEXT = { binary: false, compress: false } as const;

/** An accepted agent's connection over protocol 1.0. Idle it holds no timer: the link's one interval calls `tick`. */
export class LinkSession implements AgentSession, CallCarrier {
  readonly environmentId: number;
  readonly environmentName: string;
  readonly tokenId: number;
  readonly identity: AgentIdentity;
  readonly connectedAt = Date.now();
  readonly #host: SessionHost;
  readonly #socket: WebSocket;
  readonly #clock: PingClock;
  /** Requests, streams and execs by id; there only while there are some: most agents are idle most of the time. */
  #calls: Map<string, AgentCall> | undefined;
  /** There for agents that speak the streams extension. */
  readonly #mux: StreamMux | undefined;
  readonly #streamEngine: StreamEngine | undefined;
  #terminals = 0;
  #gate: ReadGate | undefined;
  #isOpen = true;
  #badInRow = 0;
  #saidUnknownType = false;
  #complaints = 0;

  /** @param raw The connection below the WebSocket. */
  constructor(host: SessionHost, socket: WebSocket, raw: Duplex, admission: AgentAdmission, identity: AgentIdentity) {
    this.#host = host;
    this.#socket = socket;
    this.environmentId = admission.environmentId;
    this.environmentName = admission.environmentName;
    this.tokenId = admission.tokenId;
    this.identity = identity;
    this.#clock = new PingClock(host.limits);
    if (identity.capabilities.includes(CapabilityStreams)) {
      this.#mux = this.#newMux(raw);
      this.#streamEngine = new StreamEngine(this, this.name);
    }
    socket.on("message", (data: Buffer, isBinary: boolean) => this.receive(data, isBinary));
    socket.on("error", (error) => this.#socketFailed(error));
    socket.on("close", (code, reason) => this.#end(describeClose(code, reason)));
  }

  get name(): string {
    return `The agent of environment ${this.environmentName}`;
  }

  get lastMessageAt(): number {
    return this.#clock.lastMessageAt;
  }

  get latencyMs(): number | undefined {
    return this.#clock.latencyMs;
  }

  get silentHeadMs(): number {
    return this.#host.limits.silentHeadMs;
  }

  get gate(): ReadGate {
    this.#gate ??= new ReadGate(
      this.#host.limits,
      () => this.#socket.pause(),
      () => this.#readOn(),
      (stream) => {
        this.#host.stats.slowReaders += 1;
        stream.tooSlow();
      },
    );
    return this.#gate;
  }

  get streams(): StreamOpener | undefined {
    return this.#mux && this;
  }

  /** Streams open now. */
  get openStreams(): number {
    return this.#mux?.openStreams ?? 0;
  }

  // What streams need.

  open(call: StreamOpen): MuxStream {
    if (!this.#isOpen || this.#mux === undefined) throw this.#disconnected();
    if (this.#socket.bufferedAmount > this.#host.limits.maxRequestBacklogBytes) throw this.#overrun();
    return this.#mux.open(call);
  }

  request(call: EngineCall, options: AgentCallOptions = {}): Promise<EngineAnswer> {
    if (this.#streamEngine && !isAgentPath(call)) return this.#streamEngine.request(call, options);
    return new Promise((resolve, reject) => {
      const buffered = new BufferedCall(this, { resolve, reject }, options);
      buffered.start(requestMessage(buffered.id, call, false), describeCall(call));
    });
  }

  openStream(call: EngineCall, options: CallOptions = {}): Promise<EngineStream> {
    if (this.#streamEngine && !isAgentPath(call)) return this.#streamEngine.openStream(call, options);
    return new Promise((resolve, reject) => {
      const stream = new StreamCall(this, call, { resolve, reject });
      stream.start(requestMessage(stream.id, call, true), options);
    });
  }

  openTerminal(start: TerminalStart, options: CallOptions = {}): Promise<Terminal> {
    if (this.#streamEngine) return this.#streamEngine.openTerminal(start, options);
    return new Promise((resolve, reject) => {
      new TerminalCall(this, { resolve, reject }).start(start, options);
    });
  }

  ping(timeoutMs: number): Promise<number> {
    if (!this.#isOpen) return Promise.reject(this.#disconnected());
    return roundTrip(
      (answered) => this.#ping(answered),
      timeoutMs,
      () => new FairleadError("agent_timeout", `${this.name} did not answer a ping within ${timeoutMs} ms.`),
    );
  }

  /** Pings, and tells whether any message comes within the time. Time in which the hub itself does not read does not count. */
  answers(timeoutMs: number): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false);
    this.#ping();
    return this.#clock.nextMessage(timeoutMs, () => this.#gate?.isClosed ?? false);
  }

  close(closeCode: number, reason: string, code?: ErrorCode): void {
    if (!this.#isOpen) return;
    this.send(newErrorMessage("", reason, code ?? ""));
    this.#end(reason);
    closeSocket(this.#socket, closeCode, reason);
  }

  /** Drops the connection without a closing handshake: the other side is not there to take part in one. */
  terminate(reason: string): void {
    this.#end(reason);
    this.#socket.terminate();
  }

  /** The link's interval: liveness, slow readers, peers that do not read. */
  tick(now: number, wasHeldUp: boolean): void {
    this.#complaints = 0;
    this.#gate?.check(now);
    if (wasHeldUp || this.#gate?.isClosed) this.#clock.hold(now);
    if (this.#clock.isSilent(now)) {
      this.terminate(`no message for ${this.#host.limits.silenceTimeoutMs} ms`);
    } else if (this.#clock.isPingDue(now)) {
      this.#ping();
    }
  }

  // What calls need.

  begin(call: AgentCall, message: OutgoingMessage): void {
    if (!this.#isOpen) throw this.#disconnected();
    const isTerminal = call instanceof TerminalCall;
    this.#calls ??= new Map();
    const others = this.#calls.size - this.#terminals;
    if (isTerminal ? this.#terminals >= MAX_EXEC_SESSIONS : others >= MAX_REQUESTS_IN_FLIGHT) {
      const limit = isTerminal ? `${MAX_EXEC_SESSIONS} exec sessions` : `${MAX_REQUESTS_IN_FLIGHT} requests`;
      throw new FairleadError(
        "too_many_requests",
        `${limit} are open on ${this.name}; try again when some have ended.`,
      );
    }
    const text = encodeWithinLimits(message);
    if (this.#socket.bufferedAmount + text.length > this.#host.limits.maxRequestBacklogBytes) {
      throw this.#overrun();
    }
    this.#calls.set(call.id, call);
    if (isTerminal) this.#terminals += 1;
    this.#write(text);
  }

  sendPaced(message: OutgoingMessage): Promise<void> | undefined {
    if (this.#socket.bufferedAmount <= this.#host.limits.pacedBacklogBytes) {
      this.send(message);
      return undefined;
    }
    return new Promise((resolve) => {
      this.send(message, resolve);
    });
  }

  /** @param done Called when the message is out, or never will be. */
  send(message: OutgoingMessage, done?: () => void): void {
    if (!this.#isOpen) {
      done?.();
      return;
    }
    const text = Buffer.from(encodeMessage(message));
    const { maxSendBacklogBytes } = this.#host.limits;
    if (this.#socket.bufferedAmount + text.length <= maxSendBacklogBytes) {
      this.#write(text, done);
    } else {
      this.terminate(`more than ${maxSendBacklogBytes} bytes wait for the agent to read them`);
      done?.();
    }
  }

  forget(call: AgentCall): void {
    if (!this.#calls?.delete(call.id)) return;
    if (call instanceof TerminalCall) this.#terminals -= 1;
    if (this.#calls.size === 0) this.#calls = undefined;
  }

  #write(text: Buffer, done?: () => void): void {
    this.#host.stats.messagesOut += 1;
    this.#host.stats.bytesOut += text.length;
    this.#socket.send(text, AS_TEXT, done);
  }

  #ping(answered?: (latencyMs: number) => void): void {
    this.send(newPingMessage(this.#clock.sent(answered)));
  }

  #readOn(): void {
    this.#clock.hold(Date.now());
    this.#socket.resume();
  }

  // What comes from the agent.

  /** A WebSocket message. Never throws. */
  receive(data: Buffer, isBinary: boolean): void {
    if (!this.#isOpen) return;
    this.#host.stats.messagesIn += 1;
    this.#host.stats.bytesIn += data.length;
    this.#clock.heard(Date.now());
    // One in fragments, which no peer of ours sends: they come by another way.
    if (isBinary) {
      this.receiveBinary(data, true);
      return;
    }
    const decoded = decodeMessage(data.toString());
    if (decoded.ok) this.#handle(decoded.message);
    else this.#problem(decoded.problem);
  }

  /** A piece of a binary message. Never throws. */
  receiveBinary(piece: Uint8Array, isLast: boolean): void {
    if (!this.#isOpen) return;
    this.#host.stats.bytesIn += piece.length;
    if (isLast) this.#host.stats.messagesIn += 1;
    this.#clock.heard(Date.now());
    if (this.#mux) {
      this.#mux.receive(piece, isLast);
      return;
    }
    count(this.#host.stats.badMessages, "unexpected_binary");
    this.close(1003, "A binary message came, and no extension that has them was agreed on.", "unexpected_binary");
  }

  #newMux(raw: Duplex): StreamMux {
    const mux = new StreamMux({
      pipe: new BinaryPipe({
        connection: raw,
        isOpen: () => this.#socket.readyState === this.#socket.OPEN,
        applyMask,
        endOfTurn: setImmediate,
      }),
      now: () => performance.now(),
      onViolation: ({ code, message, close }) => {
        count(this.#host.stats.badMessages, code);
        this.close(close, message, code);
      },
    });
    raw.on("drain", () => mux.writable());
    return mux;
  }

  #handle(message: Message): void {
    const { listener } = this.#host;
    switch (message.type) {
      case "ping":
        this.send(newPongMessage(message.timestamp));
        break;
      case "pong": {
        const latencyMs = this.#clock.ponged(message.timestamp);
        if (latencyMs !== undefined) listener.latency(this, latencyMs);
        break;
      }
      case "response":
      case "stream":
      case "stream_end":
        this.#answer(message.requestId, message);
        break;
      case "exec_ready":
      case "exec_output":
      case "exec_end":
        this.#answer(message.execId, message);
        break;
      case "container_event":
        listener.containerEvent(this, message.event);
        break;
      case "metrics":
        listener.metrics(this, message.timestamp, message.metrics);
        break;
      case "error":
        this.#reported(message);
        break;
      default:
        this.#bad(
          "unexpected_message",
          `An agent does not send ${message.type} now.`,
          "requestId" in message ? message.requestId : undefined,
        );
        return;
    }
    this.#badInRow = 0;
  }

  #answer(id: string, message: AnswerMessage): void {
    if (this.#calls?.get(id)?.receive(message)) return;
    this.#host.stats.lateMessages += 1;
    // The cancel may have been lost with what the agent could not take, and this would go on for ever.
    if (message.type === "stream") this.#complain(newStreamEndMessage(id, "cancelled"));
    if (message.type === "exec_output") this.#complain(newExecEndMessage(id, "user_closed"));
  }

  #reported(message: ErrorMessage): void {
    const error = agentError(message);
    const call = message.requestId === undefined ? undefined : this.#calls?.get(message.requestId);
    if (call !== undefined) {
      call.fail(error);
      return;
    }
    if (message.requestId !== undefined) {
      this.#host.stats.lateMessages += 1;
      return;
    }
    this.#complaints += 1;
    if (this.#complaints > this.#host.limits.complaintsPerSecond) return;
    this.#log({ code: message.code, error: error.message }, "agent reports an error");
    this.#host.listener.reported?.(this, message.code ?? "", error.message);
  }

  #problem(problem: Problem): void {
    if (problem.code !== "unknown_type") {
      this.#bad(problem.code, problem.message, problem.id);
      return;
    }
    this.#host.stats.unknownTypes += 1;
    if (this.#saidUnknownType) return;
    this.#saidUnknownType = true;
    this.#log({ type: problem.type }, "agent sends messages of an unknown type: ignored");
  }

  #bad(code: ErrorCode, text: string, id?: string): void {
    count(this.#host.stats.badMessages, code);
    if (this.#complaints === 0) this.#log({ code, error: text }, "agent sent a bad message");
    this.#badInRow += 1;
    // The caller would wait in vain for what this message was to be.
    const call = id === undefined ? undefined : this.#calls?.get(id);
    call?.fail(new FairleadError("agent_error", `${this.name} sent an answer that cannot be read: ${text}.`));
    if (this.#badInRow < MAX_BAD_MESSAGES) {
      this.#complain(newErrorMessage(id ?? "", text, code));
      return;
    }
    count(this.#host.stats.badMessages, "too_many_bad_messages");
    this.close(1008, `${MAX_BAD_MESSAGES} bad messages in a row; the last: ${text}`, "too_many_bad_messages");
  }

  #complain(message: OutgoingMessage): void {
    this.#complaints += 1;
    if (this.#complaints <= this.#host.limits.complaintsPerSecond) this.send(message);
  }

  #socketFailed(error: Error): void {
    const code = socketProblem(error);
    if (code !== undefined) count(this.#host.stats.badMessages, code);
    this.#end(error.message);
  }

  #end(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#clock.stop();
    for (const call of this.#calls?.values() ?? []) call.fail(this.#disconnected(reason));
    this.#mux?.close(this.#disconnected(reason));
    if (this.#socket.isPaused) this.#socket.resume();
    this.#host.ended(this);
    this.#host.listener.disconnected(this, reason);
  }

  #disconnected(reason?: string): FairleadError {
    const why = reason === undefined ? "" : ` (${reason})`;
    return new FairleadError("agent_disconnected", `${this.name} is not connected${why}.`);
  }

  #overrun(): FairleadError {
    return new FairleadError(
      "too_many_requests",
      `${this.name} does not take requests as fast as they come; try again.`,
    );
  }

  #log(fields: Record<string, unknown>, text: string): void {
    this.#host.log.warn({ environment: this.environmentName, agentName: this.identity.agentName, ...fields }, text);
  }
}

/** Compose and the like are the agent's own: its engine does not know them. */
function isAgentPath({ path }: EngineCall): boolean {
  return path.startsWith("/_hawser/");
}
