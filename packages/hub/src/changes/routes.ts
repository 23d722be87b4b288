import { FairleadError } from "@fairlead/protocol";
import { STREAM_TOPICS, StreamQuerySchema, type StreamTopic } from "@fairlead/protocol/rest";
import Type from "typebox";
import type { Authorization } from "../access/authorization.ts";
import type { Caller } from "../access/caller.ts";
import type { LiveConnections } from "../access/live-connections.ts";
import { commaList } from "../environments/comma-list.ts";
import type { HubApp } from "../http/app.ts";
import { problems } from "../http/route-schemas.ts";
import type { ChangeFeed } from "./change-feed.ts";
import { sendChanges } from "./change-reader.ts";

export interface StreamRoutesOptions {
  readonly feed: ChangeFeed;
  readonly authorization: Authorization;
  readonly live: LiveConnections;
  readonly readers: StreamReaders;
  readonly heartbeatMs?: number;
  readonly stallMs?: number;
}

/** Each reader is a socket with up to 64 KiB before it; a browser tab is one. */
const MAX_READERS = 1_000;
/** Of one token or person: more tabs than anybody has. */
const MAX_READERS_OF_ONE = 100;

/** The readers of `/stream` that are connected now. */
export class StreamReaders {
  readonly #stop = new AbortController();
  #connected = 0;
  readonly #byCaller = new Map<string, number>();

  get connected(): number {
    return this.#connected;
  }

  async serve(caller: Caller, send: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#connected += 1;
    this.#count(caller, 1);
    try {
      await send(this.#stop.signal);
    } finally {
      this.#connected -= 1;
      this.#count(caller, -1);
    }
  }

  #count({ kind, id }: Caller, change: 1 | -1): void {
    const key = `${kind} ${id}`;
    const count = (this.#byCaller.get(key) ?? 0) + change;
    if (count === 0) this.#byCaller.delete(key);
    else this.#byCaller.set(key, count);
  }

  /** @throws FairleadError too_many_requests, shutting_down. */
  check({ kind, id, name }: Caller): void {
    if ((this.#byCaller.get(`${kind} ${id}`) ?? 0) >= MAX_READERS_OF_ONE) {
      throw new FairleadError(
        "too_many_requests",
        `${name} follows /api/v1/stream ${MAX_READERS_OF_ONE} times already.`,
      );
    }
    if (this.#stop.signal.aborted) throw new FairleadError("shutting_down", "The hub is stopping; dial again shortly.");
    if (this.#connected >= MAX_READERS) {
      throw new FairleadError("too_many_requests", `${MAX_READERS} readers follow /api/v1/stream already.`);
    }
  }

  /** Ends all readers: they dial again, and resume where they were. */
  stop(): void {
    this.#stop.abort();
  }
}

export function streamRoutes(app: HubApp, options: StreamRoutesOptions): void {
  app.get(
    "/api/v1/stream",
    {
      // Its answer never ends: nobody can ask for the head alone.
      exposeHeadRoute: false,
      config: { access: "query-token", permission: "environment.view" },
      schema: {
        summary: "What changes, as it changes",
        description:
          "Server-sent events: `environment`, `event` and `metrics` as they happen, `reset` when the id to resume from is no longer kept. Send `Last-Event-ID` to go on where an earlier connection ended, without loss or repetition.",
        tags: ["stream"],
        querystring: StreamQuerySchema,
        headers: Type.Object({ "last-event-id": Type.Optional(Type.String({ maxLength: 64 })) }),
        produces: ["text/event-stream"],
        response: { 200: Type.String({ description: "text/event-stream" }), ...problems },
      },
    },
    async (request, reply) => {
      const { query, caller } = request;
      const topics = parseTopics(query.topics);
      const selected = await options.authorization.select(caller, "environment.view", query.environment);
      const position = parsePosition(query.lastEventId ?? request.headers["last-event-id"]);
      options.readers.check(caller);
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      reply.hijack();
      // It dials again, and resumes with the rights of then.
      const forget = options.live.add({ caller, close: () => reply.raw.destroy() });
      reply.raw.once("close", forget);
      await options.readers.serve(caller, (signal) =>
        sendChanges(
          {
            feed: options.feed,
            response: reply.raw,
            ...(position === undefined ? {} : { position }),
            ...(topics === undefined ? {} : { topics }),
            ...(selected === undefined ? {} : { environments: new Set(selected.map(({ id }) => id)) }),
            ...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
            ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
          },
          signal,
        ),
      );
    },
  );
}

function parseTopics(text: string | undefined): ReadonlySet<StreamTopic> | undefined {
  const list = commaList(text);
  const unknown = list?.find((topic) => !(STREAM_TOPICS as readonly string[]).includes(topic));
  if (unknown !== undefined) {
    throw new FairleadError(
      "bad_request",
      `topics: ${JSON.stringify(unknown.slice(0, 64))} is not one of ${STREAM_TOPICS.join(", ")}.`,
      { details: { field: "topics" } },
    );
  }
  return list && new Set(list as StreamTopic[]);
}

/** An id that is none was never given by this hub: beyond all, so the reader gets `reset`. */
function parsePosition(id: string | undefined): number | undefined {
  if (id === undefined || id === "") return undefined;
  return /^\d{1,15}$/.test(id) ? Number(id) : Number.POSITIVE_INFINITY;
}
