/** REST shapes of containers' figures: live over a WebSocket, and their history. */
import Type, { type Static } from "typebox";
import { CONTAINER_PATTERN } from "./container-logs.ts";
import { MetricsSeriesSchema } from "./history.ts";

const Bytes = (description: string) => Type.Optional(Type.Number({ minimum: 0, description }));

/** What a container uses. A figure that cannot be had is absent. Counters begin anew when the container does. */
export const ContainerFiguresSchema = Type.Object({
  cpuPercent: Type.Optional(
    Type.Number({
      minimum: 0,
      description: "As `docker stats`: 100 is one core. Since the sample before; the first has none.",
    }),
  ),
  memoryBytes: Bytes("Without the file cache that could be given up at once, as `docker stats`."),
  memoryLimitBytes: Bytes("Its own limit, or the host's memory."),
  pids: Type.Optional(Type.Integer({ minimum: 0, description: "Processes and threads." })),
  networkRxBytes: Bytes("Received since its start, over all its networks. Absent with the host's network."),
  networkTxBytes: Bytes("Sent since its start."),
  blockReadBytes: Bytes("Read from block devices since its start."),
  blockWriteBytes: Bytes("Written to block devices since its start."),
});
export type ContainerFigures = Static<typeof ContainerFiguresSchema>;

/** Containers that one WebSocket watches: more than a page shows at once. */
export const MAX_WATCHED_CONTAINERS = 200;

export const ContainerRefSchema = Type.Object(
  {
    environmentId: Type.Integer({ minimum: 0 }),
    id: Type.String({ minLength: 1, maxLength: 128, pattern: CONTAINER_PATTERN }),
  },
  { additionalProperties: false },
);
export type ContainerRef = Static<typeof ContainerRefSchema>;

/**
 * What a page sends to the WebSocket `/api/v1/container-stats`: the containers that it wants to see from now on, in the place of
 * those it named before. Samples come about every three seconds while a container runs and its host answers.
 */
export const WatchContainersSchema = Type.Object(
  {
    type: Type.Literal("watch"),
    containers: Type.Array(ContainerRefSchema, { maxItems: MAX_WATCHED_CONTAINERS }),
  },
  { additionalProperties: false },
);
export type WatchContainers = Static<typeof WatchContainersSchema>;

/** `at`: ISO 8601, the hub's time. */
export type ContainerSample = ContainerRef & { at: string } & ContainerFigures;

/** What the hub sends on it. Ids are as the page named them. */
export type ContainerStatsControl =
  | { type: "samples"; samples: ContainerSample[] }
  /** The page's person may not see these, or their environment is not there. They are not watched. */
  | { type: "refused"; containers: ContainerRef[] }
  /** Stopped, or removed: told once, and not watched any longer. */
  | { type: "gone"; containers: ContainerRef[] }
  /** The last message. */
  | { type: "error"; code: string; message: string };

export const ContainerMetricsParamsSchema = Type.Object({
  env: Type.String({ description: "Id or name." }),
  container: Type.String({ maxLength: 256, description: "Full id, or name as last known." }),
});

const ContainerMetricsPointSchema = Type.Object({
  at: Type.Integer({ description: "Unix time in seconds; of a rollup, the start of its 5 minutes." }),
  metrics: ContainerFiguresSchema,
});

export const ContainerMetricsSeriesSchema = Type.Object({
  resolution: MetricsSeriesSchema.properties.resolution,
  points: Type.Array(ContainerMetricsPointSchema),
  gaps: MetricsSeriesSchema.properties.gaps,
});
export type ContainerMetricsSeries = Static<typeof ContainerMetricsSeriesSchema>;
