import { StreamQuerySchema } from "@fairlead/protocol/rest";
import Type from "typebox";
import type { Authorization } from "../access/authorization.ts";
import type { LiveConnections } from "../access/live-connections.ts";
import type { HubApp } from "../http/app.ts";
import { problems } from "../http/route-schemas.ts";
import type { ChangeFeed } from "./change-feed.ts";
import { sendChanges } from "./change-reader.ts";
import { eventStreamSink } from "./change-sink.ts";
import { streamSelection } from "./stream-query.ts";
import type { StreamReaders } from "./stream-readers.ts";

export interface StreamRoutesOptions {
  readonly feed: ChangeFeed;
  readonly authorization: Authorization;
  readonly live: LiveConnections;
  readonly readers: StreamReaders;
  readonly heartbeatMs?: number;
  readonly stallMs?: number;
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
          'Server-sent events: `environment`, `event` and `metrics` as they happen, `reset` when the id to resume from is no longer kept. Send `Last-Event-ID` to go on where an earlier connection ended, without loss or repetition. A WebSocket at the same address sends the same as text messages `{topic, id, data}`, and `{topic: "idle", id}` at least every 30 s: browsers allow six connections for server-sent events to a host, and more WebSockets.',
        tags: ["stream"],
        querystring: StreamQuerySchema,
        headers: Type.Object({ "last-event-id": Type.Optional(Type.String({ maxLength: 64 })) }),
        produces: ["text/event-stream"],
        response: { 200: Type.String({ description: "text/event-stream" }), ...problems },
      },
    },
    async (request, reply) => {
      const { query, caller } = request;
      const lastEventId = query.lastEventId ?? request.headers["last-event-id"];
      const asked = { ...query, ...(lastEventId === undefined ? {} : { lastEventId }) };
      const selection = await streamSelection(caller, asked, options.authorization);
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
            sink: eventStreamSink(reply.raw),
            ...selection,
            ...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
            ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
          },
          signal,
        ),
      );
    },
  );
}
