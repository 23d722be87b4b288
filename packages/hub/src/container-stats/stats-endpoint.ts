import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Caller } from "../access/caller.ts";
import { CallerSlots } from "../access/caller-slots.ts";
import type { EnvironmentChange, EnvironmentRecord } from "../environments/record.ts";
import type { StatsSampler } from "./stats-sampler.ts";
import { StatsSession } from "./stats-session.ts";

export interface StatsEndpointOptions {
  readonly sampler: StatsSampler;
  readonly environments: {
    resolve(idOrName: string): Promise<EnvironmentRecord>;
    onChange(listener: (change: EnvironmentChange) => void): void;
  };
}

/** WebSocket close code: the hub is going away. */
const GOING_AWAY = 1001;

/** 200 containers, each with a full id and a long number. */
const MAX_INPUT_BYTES = 64 * 1024;

/** A tab of a browser is one: more tabs than anybody has. All together watch 200,000 containers at most. */
const SLOTS = { what: "readers of container figures", perCaller: 100, total: 1_000 } as const;

/**
 * The live figures of containers over a WebSocket, `/api/v1/container-stats`: a page says which it wants to see, and gets their
 * samples. Callers are authenticated already; what each may see is asked for every container. See `WatchContainersSchema`.
 */
export class StatsEndpoint {
  readonly #options: StatsEndpointOptions;
  readonly #sessions = new Set<StatsSession>();
  readonly #slots = new CallerSlots(SLOTS);
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    maxPayload: MAX_INPUT_BYTES,
    // Each connection would hold the memory for it.
    perMessageDeflate: false,
  });

  constructor(options: StatsEndpointOptions) {
    this.#options = options;
    options.environments.onChange((change) => {
      for (const session of this.#sessions) session.environmentChanged(change);
    });
  }

  /** Takes a connection over from the server's `upgrade` event. What fails is told in an `error` message. */
  handleUpgrade(request: IncomingMessage, connection: Duplex, head: Buffer, caller: Caller): void {
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      socket.on("error", () => {});
      const session = new StatsSession({ ...this.#options, socket, caller });
      try {
        // Told in the socket: a page cannot read why an upgrade was refused.
        socket.once("close", this.#slots.take(caller));
      } catch (error) {
        session.fail(error);
        return;
      }
      this.#sessions.add(session);
      socket.once("close", () => this.#sessions.delete(session));
      session.run();
    });
  }

  /** Ends all. */
  stop(): void {
    for (const socket of this.#server.clients) socket.close(GOING_AWAY, "The hub stops");
    this.#options.sampler.stop();
  }
}
