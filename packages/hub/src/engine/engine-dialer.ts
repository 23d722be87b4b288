import { once } from "node:events";
import { Agent } from "node:http";
import { connect as connectTcp, isIP, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { checkServerIdentity, connect as connectTls, type ConnectionOptions } from "node:tls";
import { FairleadError } from "@fairlead/protocol";
import type { DialTls } from "@fairlead/protocol/rest";
import { type DialTarget, dialTarget } from "../environments/address.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import type { DialGuard } from "./dial-guard.ts";
import { endOnReset } from "./end-on-reset.ts";
import { engineFailure, markDialFailure, unreachable } from "./engine-failure.ts";
import { surviveWriteFailure } from "./survive-write-failure.ts";

/** A dial that takes longer has met a firewall that drops: a far host with TLS takes under a second. */
export const DIAL_TIMEOUT_MS = 10_000;

/** A quiet connection is given up this soon: listening agents close theirs after 5 s, and a call into a closing one would fail. */
const IDLE_TIMEOUT_MS = 4_000;

/** Quiet connections kept for the next calls. */
const MAX_IDLE_CONNECTIONS = 8;

/** A peer that lost its power is noticed by the kernel's probes, which begin after this long without traffic. */
export const KEEP_ALIVE_DELAY_MS = 30_000;

/** Dials the engine, or the listening agent, of one environment: a unix socket, TCP or TLS. */
export class EngineDialer {
  /** For `http.request`. */
  readonly agent: Agent;
  /** To be sent with every call: a standard agent's token. */
  readonly headers: Readonly<Record<string, string>>;
  readonly hostHeader: string;
  /** For messages; its name may change while the way to it stays the same. */
  environment: EnvironmentRecord;
  readonly #target: DialTarget;
  readonly #guard: DialGuard;
  readonly #open = new Set<Socket>();

  /** @throws FairleadError bad_request when the environment has no address that can be dialled. */
  constructor(environment: EnvironmentRecord, guard: DialGuard) {
    this.#guard = guard;
    const { kind, address, token } = environment;
    this.environment = environment;
    this.#target = dialTarget(kind, address ?? "");
    this.headers = kind === "standard" && token !== undefined ? { "X-Hawser-Token": token } : {};
    this.hostHeader = this.#target.type === "unix" ? "localhost" : hostAndPort(this.#target);
    this.agent = new DialingAgent(() => this.#connect());
  }

  /**
   * A connection of the caller's own, ready to write to.
   * @throws FairleadError engine_unreachable, or agent_disconnected for a standard environment; address_forbidden.
   */
  async dial(): Promise<Socket> {
    const socket = this.#connect();
    try {
      await once(socket, isSecure(this.#target) ? "secureConnect" : "connect");
      endOnReset(socket);
      return socket;
    } catch (error) {
      throw engineFailure(this.environment, error, "dial");
    }
  }

  /** Breaks every connection that was made here, and those of calls under way. */
  close(): void {
    this.agent.destroy();
    const reason = new FairleadError(
      "engine_unreachable",
      `Environment ${this.environment.name} was changed or removed, or the hub stops: its connections were closed.`,
    );
    for (const socket of this.#open) socket.destroy(reason);
  }

  #connect(): Socket {
    const target = this.#target;
    const socket = this.#begin(target);
    socket.setKeepAlive(true, KEEP_ALIVE_DELAY_MS);
    surviveWriteFailure(socket);
    let isReady = false;
    // Whoever uses it listens too; while it changes hands nobody does, and an error without a listener would end the hub.
    socket.on("error", (error) => isReady || markDialFailure(error));
    const timer = setTimeout(() => {
      socket.destroy(unreachable(this.environment, `no answer within ${DIAL_TIMEOUT_MS / 1000} s`));
    }, DIAL_TIMEOUT_MS);
    socket.once(isSecure(target) ? "secureConnect" : "connect", () => {
      isReady = true;
      clearTimeout(timer);
    });
    this.#open.add(socket);
    socket.once("close", () => {
      clearTimeout(timer);
      this.#open.delete(socket);
    });
    return socket;
  }

  #begin(target: DialTarget): Socket {
    if (target.type === "unix") return connectTcp({ path: target.path, allowHalfOpen: true });
    // Names are looked up by the guard; an address is not looked up at all.
    const refusal = isIP(target.host) === 0 ? undefined : this.#guard.refusal(target.host);
    if (refusal) return new Socket().destroy(refusal);
    const options = { ...tcpOptions(target), lookup: this.#guard.lookup };
    return target.secure
      ? connectTls({ ...options, ...tlsOptions(target, this.environment.tls ?? {}) })
      : connectTcp(options);
  }
}

type TcpTarget = Extract<DialTarget, { type: "tcp" }>;

function isSecure(target: DialTarget): target is TcpTarget {
  return target.type === "tcp" && target.secure;
}

function hostAndPort({ host, port }: TcpTarget): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Half-open: an end of input must not end the output. */
function tcpOptions({ host, port }: TcpTarget) {
  return { host, port, allowHalfOpen: true, noDelay: true };
}

function tlsOptions(target: TcpTarget, tls: DialTls): ConnectionOptions {
  const name = tls.serverName ?? target.host;
  return {
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
    // A server name indication is never an IP address (RFC 6066), but a certificate may name one.
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    rejectUnauthorized: tls.skipVerify !== true,
    ...(tls.caCert === undefined ? {} : { ca: tls.caCert }),
    ...(tls.clientCert === undefined ? {} : { cert: tls.clientCert }),
    ...(tls.clientKey === undefined ? {} : { key: tls.clientKey }),
  };
}

/** Node's pool of connections over a dial of ours. */
class DialingAgent extends Agent {
  readonly #connect: () => Socket;

  constructor(connect: () => Socket) {
    super({ keepAlive: true, maxFreeSockets: MAX_IDLE_CONNECTIONS, timeout: IDLE_TIMEOUT_MS });
    this.#connect = connect;
  }

  override createConnection(): Duplex {
    return this.#connect();
  }
}
