import {
  ContainerMetricsParamsSchema,
  ContainerMetricsSeriesSchema,
  MetricsQuerySchema,
} from "@fairlead/protocol/rest";
import { parseQueryTime } from "../events/query-time.ts";
import type { HubApp } from "../http/app.ts";
import { problems } from "../http/route-schemas.ts";
import type { ContainerMetrics } from "./service.ts";

const DEFAULT_RANGE_MS = 3600_000;

export function containerMetricsRoutes(app: HubApp, metrics: ContainerMetrics): void {
  app.get(
    "/api/v1/environments/:env/containers/:container/metrics",
    {
      config: { permission: "container.view" },
      schema: {
        summary: "The figures of one container over time",
        description:
          "Full resolution is kept for a day, 5-minute figures for 30 days: means of cpuPercent and memoryBytes, the last value of the others. Kept of containers that are gone, too. A figure that could not be had is absent.",
        tags: ["metrics"],
        params: ContainerMetricsParamsSchema,
        querystring: MetricsQuerySchema,
        response: { 200: ContainerMetricsSeriesSchema, ...problems },
      },
    },
    async ({ environment, query, params }) => {
      const until = query.until === undefined ? Date.now() : parseQueryTime(query.until, "until");
      const since = query.since === undefined ? until - DEFAULT_RANGE_MS : parseQueryTime(query.since, "since");
      return metrics.series(environment, params.container, {
        from: since / 1000,
        to: until / 1000,
        resolution: query.resolution ?? "auto",
      });
    },
  );
}
