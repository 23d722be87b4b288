/** REST schemas of what the hub keeps: container events, host metrics, and the live stream of changes. */
import Type, { type Static } from "typebox";
import { ContainerEventSchema, HostMetricsSchema } from "../schemas/wire.ts";

/** An event, or a gap: from when to when events may be missing. `id` orders them in one environment and over all. */
export const EventItemSchema = Type.Union([
  Type.Object({
    id: Type.Integer(),
    kind: Type.Literal("event"),
    environmentId: Type.Integer(),
    event: ContainerEventSchema,
  }),
  Type.Object({
    id: Type.Integer(),
    kind: Type.Literal("gap"),
    environmentId: Type.Integer(),
    from: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
    to: Type.String({ format: "date-time" }),
    reason: Type.String(),
  }),
]);
export type EventItem = Static<typeof EventItemSchema>;

export const MAX_EVENT_PAGE = 1000;

export const EventQuerySchema = Type.Object({
  environment: Type.Optional(Type.String({ description: "Ids or names, separated by commas. Default: all." })),
  since: Type.Optional(Type.String({ description: "ISO 8601 time, or Unix seconds. Events at or after it." })),
  until: Type.Optional(Type.String({ description: "ISO 8601 time, or Unix seconds. Events before it." })),
  after: Type.Optional(
    Type.Integer({
      minimum: 0,
      description: "Id of an item: what follows it in the order asked for. The `next` of the page before.",
    }),
  ),
  container: Type.Optional(Type.String({ maxLength: 256, description: "Container id (or its start) or name." })),
  action: Type.Optional(Type.String({ maxLength: 256, description: "Actions, separated by commas." })),
  order: Type.Optional(Type.Union([Type.Literal("asc"), Type.Literal("desc")], { default: "asc" })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_EVENT_PAGE, default: 100 })),
});
export type EventQuery = Static<typeof EventQuerySchema>;

/** In time order (`order`); `next` is the `after` of the following page, null at the end. */
export const EventPageSchema = Type.Object({
  items: Type.Array(EventItemSchema),
  next: Type.Union([Type.Integer(), Type.Null()]),
});
export type EventPage = Static<typeof EventPageSchema>;

export const MetricsQuerySchema = Type.Object({
  since: Type.Optional(Type.String({ description: "ISO 8601 time, or Unix seconds. Default: an hour ago." })),
  until: Type.Optional(Type.String({ description: "ISO 8601 time, or Unix seconds. Default: now." })),
  resolution: Type.Optional(
    Type.Union([Type.Literal("auto"), Type.Literal("full"), Type.Literal("5m")], {
      default: "auto",
      description: "auto: full for ranges within the last day, else 5-minute averages.",
    }),
  ),
});
export type MetricsQuery = Static<typeof MetricsQuerySchema>;

export const MetricsPointSchema = Type.Object({
  at: Type.Integer({ description: "Unix time in seconds; of a rollup, the start of its 5 minutes." }),
  metrics: HostMetricsSchema,
});
export type MetricsPoint = Static<typeof MetricsPointSchema>;

export const MetricsSeriesSchema = Type.Object({
  resolution: Type.Union([Type.Literal("full"), Type.Literal("5m")]),
  points: Type.Array(MetricsPointSchema),
  gaps: Type.Array(Type.Object({ from: Type.Integer(), to: Type.Integer() }), {
    description: "Spans without figures, Unix seconds.",
  }),
});
export type MetricsSeries = Static<typeof MetricsSeriesSchema>;

export const DEFAULT_FLEET_POINTS = 60;
export const MAX_FLEET_POINTS = 500;

export const FleetMetricsQuerySchema = Type.Object({
  environment: Type.Optional(Type.String({ description: "Ids or names, separated by commas. Default: all." })),
  since: Type.Optional(Type.String({ description: "ISO 8601 time, or Unix seconds. Default: an hour ago." })),
  until: Type.Optional(
    Type.String({ description: "ISO 8601 time, or Unix seconds. Figures before it. Default: now." }),
  ),
  points: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_FLEET_POINTS,
      default: DEFAULT_FLEET_POINTS,
      description:
        "The range is divided into at most so many equal spans, each with one point where there are figures.",
    }),
  ),
});
export type FleetMetricsQuery = Static<typeof FleetMetricsQuerySchema>;

/** Every environment asked for is there, those without figures with no points. */
export const FleetMetricsSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      environmentId: Type.Integer(),
      points: Type.Array(
        Type.Object({
          at: Type.Integer({ description: "Unix time in seconds: the start of its span." }),
          metrics: HostMetricsSchema,
        }),
      ),
    }),
  ),
});
export type FleetMetrics = Static<typeof FleetMetricsSchema>;

/** Topics of `/api/v1/stream`. */
export const STREAM_TOPICS = ["environment", "event", "metrics"] as const;
export type StreamTopic = (typeof STREAM_TOPICS)[number];

/**
 * What `/api/v1/stream` sends, one JSON object a server-sent event, whose `event:` is the topic and `id:` resumes.
 * `environment`: an `Environment` as it now is, or `{id, removed: true}`. `event`: an `EventItem`.
 * Over a WebSocket each is a text message `{topic, id, data}`, and `{topic: "idle", id}` tells where a quiet reader stands.
 * `metrics`: `{environmentId, at, metrics}`. `reset`: the id to resume from is no longer kept; read everything anew.
 */
export const StreamQuerySchema = Type.Object({
  topics: Type.Optional(Type.String({ description: "Topics, separated by commas. Default: all." })),
  environment: Type.Optional(Type.String({ description: "Ids or names, separated by commas. Default: all." })),
  lastEventId: Type.Optional(
    Type.String({ maxLength: 64, description: "Resume after this id, for readers that cannot send `Last-Event-ID`." }),
  ),
});
export type StreamQuery = Static<typeof StreamQuerySchema>;
