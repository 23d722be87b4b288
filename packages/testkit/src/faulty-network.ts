import { once } from "node:events";
import { createServer, createConnection, type AddressInfo, type Socket, type Server } from "node:net";
import { FaultyPipe, type LinkConditions } from "./faulty-pipe.ts";

/** Which way bytes go: from the one who dialled to the target, or back. */
export type Direction = "toTarget" | "toClient";

/** Where the proxy connects to: a unix socket or a TCP address. */
export type NetworkTarget = { path: string } | { host?: string; port: number };

export interface GarbageInjection {
  direction: Direction;
  /** So many more bytes go through first, over all connections. Default 0. */
  afterBytes?: number;
  /** What is put between the bytes. Default 64 random-looking bytes. */
  bytes?: Uint8Array;
}

/** Handles a stalled link holds: without a limit a test that loops would eat the ports of the machine. */
const MAX_CONNECTIONS = 10_000;
const DEFAULT_GARBAGE = Buffer.from(Array.from({ length: 64 }, (_, index) => (index * 167 + 13) & 0xff));

/**
 * Starts a TCP proxy to `target` on a free port of 127.0.0.1 whose link can be made bad while it runs.
 *
 * @example
 * await using network = await startFaultyNetwork({ port: hub.port });
 * const agent = await startAgent({ serverUrl: `ws://${network.address}/api/hawser/connect`, … });
 * network.halfOpen();            // both sides go on believing in the connection
 * network.heal();
 */
export async function startFaultyNetwork(target: NetworkTarget): Promise<FaultyNetwork> {
  const network = new FaultyNetwork(target);
  await network.listen();
  return network;
}

/** See {@link startFaultyNetwork}. Every switch holds for connections open now and for later ones, until `heal()`. */
export class FaultyNetwork implements AsyncDisposable {
  /** Connections accepted since the start, refused ones not among them. */
  connectionCount = 0;
  /** Connections refused by `refuse()`. */
  refusedCount = 0;
  readonly #target: NetworkTarget;
  readonly #server: Server;
  readonly #links = new Set<Link>();
  readonly #conditions: Record<Direction, LinkConditions> = {
    toTarget: newConditions(),
    toClient: newConditions(),
  };
  #refusing = false;

  /** @internal Use {@link startFaultyNetwork}. */
  constructor(target: NetworkTarget) {
    this.#target = target;
    // Half-close passes through: one side's end is not the other's.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** `127.0.0.1:PORT`. */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Connections open now. */
  get openCount(): number {
    return this.#links.size;
  }

  /** Bytes that the client sides sent, swallowed ones included. */
  get bytesToTarget(): number {
    return this.#conditions.toTarget.bytes;
  }

  /** Bytes that the target sent, swallowed ones included. */
  get bytesToClient(): number {
    return this.#conditions.toClient.bytes;
  }

  /**
   * Resolves once so many more bytes were sent in that direction, over all connections. What was read last may or may not have gone on; a
   * switch that is thrown then finds the rest still to come.
   *
   * @example
   * const halfway = network.passed("toClient", bytes / 2);
   * const transfer = download(…);
   * await halfway;
   * network.cut();
   */
  passed(direction: Direction, bytes: number): Promise<void> {
    const conditions = this.#conditions[direction];
    const { promise, resolve } = Promise.withResolvers<void>();
    const watcher = { atBytes: conditions.bytes + bytes, reached: resolve };
    conditions.watchers.push(watcher);
    return promise.then(() => {
      conditions.watchers = conditions.watchers.filter((other) => other !== watcher);
    });
  }

  /** Resets all open connections, both sides (RST); new ones are served. */
  cut(): void {
    for (const link of this.#links) link.reset();
  }

  /** Resets new connections as soon as they come; those open stay. */
  refuse(on = true): void {
    this.#refusing = on;
  }

  /** Nothing moves any more, but all connections stay open; nothing is lost, and senders meet a full pipe. */
  stall(on = true, direction?: Direction): void {
    this.#set(direction, { stalled: on });
  }

  /** What is sent is taken and thrown away, ends included: the sender believes that all is well. */
  halfOpen(direction?: Direction): void {
    this.#set(direction, { swallowing: true });
  }

  /** Adds a latency to each direction, or to one; throughput is not affected. */
  delay(ms: number, direction?: Direction): void {
    this.#set(direction, { delayMs: ms });
  }

  /** Limits the rate of each connection and direction. `Infinity` lifts it. */
  bandwidth(bytesPerSecond: number, direction?: Direction): void {
    this.#set(direction, { bytesPerSecond });
  }

  /** Each byte becomes a write of its own. For small amounts: some ten thousand bytes a second pass. */
  oneByteAtATime(on = true, direction?: Direction): void {
    this.#set(direction, { byteByByte: on });
  }

  /** Puts bytes that nobody sent into the next connection that carries data after `afterBytes` more bytes. Once. */
  injectGarbage({ direction, afterBytes = 0, bytes = DEFAULT_GARBAGE }: GarbageInjection): void {
    this.#conditions[direction].garbage = { afterBytes, bytes };
  }

  /** A good network again. Connections that lost bytes to `halfOpen` stay damaged: `cut()` them too where that matters. */
  heal(): void {
    this.#refusing = false;
    this.#set(undefined, { ...newConditions(), garbage: undefined });
  }

  /** Ends all connections and the listener. */
  async stop(): Promise<void> {
    this.cut();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, "close");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #set(direction: Direction | undefined, change: Partial<LinkConditions>): void {
    for (const each of direction === undefined ? (["toTarget", "toClient"] as const) : [direction]) {
      const conditions = this.#conditions[each];
      Object.assign(conditions, change, { bytes: conditions.bytes, watchers: conditions.watchers });
    }
    for (const link of this.#links) link.conditionsChanged();
  }

  #accept(client: Socket): void {
    if (this.#refusing) {
      this.refusedCount += 1;
      client.on("error", () => {});
      client.resetAndDestroy();
      return;
    }
    this.connectionCount += 1;
    const target = createConnection({ ...this.#target, allowHalfOpen: true, noDelay: true });
    const link = new Link(client, target, this.#conditions, () => this.#links.delete(link));
    this.#links.add(link);
  }
}

function newConditions(): LinkConditions {
  return {
    bytes: 0,
    watchers: [],
    stalled: false,
    swallowing: false,
    delayMs: 0,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    byteByByte: false,
    garbage: undefined,
  };
}

/** One proxied connection: two sockets and a pipe each way. */
class Link {
  readonly #sockets: readonly [client: Socket, target: Socket];
  readonly #pipes: readonly FaultyPipe[];
  readonly #onClose: () => void;

  constructor(client: Socket, target: Socket, conditions: Record<Direction, LinkConditions>, onClose: () => void) {
    this.#sockets = [client, target];
    this.#onClose = onClose;
    this.#pipes = [
      new FaultyPipe(client, target, conditions.toTarget),
      new FaultyPipe(target, client, conditions.toClient),
    ];
    client.on("error", () => {});
    target.on("error", () => {});
    client.once("close", (failed) => this.#sideClosed(failed, target, conditions.toTarget));
    target.once("close", (failed) => this.#sideClosed(failed, client, conditions.toClient));
  }

  conditionsChanged(): void {
    for (const pipe of this.#pipes) pipe.wake();
  }

  reset(): void {
    for (const socket of this.#sockets) abort(socket);
  }

  /** A side that ended in order has been passed on by its pipe; one that was reset takes the other with it, unless the link swallows. */
  #sideClosed(failed: boolean, other: Socket, conditions: LinkConditions): void {
    if (failed && !conditions.swallowing && !conditions.stalled) abort(other);
    if (this.#sockets.every((socket) => socket.destroyed)) {
      for (const pipe of this.#pipes) pipe.close();
      this.#onClose();
    }
  }
}

/** A reset, where the socket knows it (TCP); unix sockets just close. */
function abort(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.remotePort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}
