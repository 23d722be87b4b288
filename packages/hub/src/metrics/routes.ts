import { MetricsQuerySchema, MetricsSeriesSchema } from "@fairlead/protocol/rest";
import { EnvironmentParamsSchema } from "../environments/routes.ts";
import { parseQueryTime } from "../events/query-time.ts";
import type { HubApp } from "../http/app.ts";
import { problems } from "../http/route-schemas.ts";
import type { MetricsService } from "./service.ts";

export interface MetricsRoutesOptions {
  readonly metrics: MetricsService;
  readonly now?: () => number;
}

const DEFAULT_RANGE_MS = 3600_000;

export function metricsRoutes(app: HubApp, { metrics, now = Date.now }: MetricsRoutesOptions): void {
  app.get(
    "/api/v1/environments/:env/metrics",
    {
      config: { permission: "environment.view" },
      schema: {
        summary: "Host metrics of one environment",
        description:
          "Full resolution is kept for a day, 5-minute figures for 30 days: means of cpuUsage, memory and disk used and free, the last value of counters and sizes. A figure that the host did not tell is absent.",
        tags: ["metrics"],
        params: EnvironmentParamsSchema,
        querystring: MetricsQuerySchema,
        response: { 200: MetricsSeriesSchema, ...problems },
      },
    },
    async ({ environment, query }) => {
      const until = query.until === undefined ? now() : parseQueryTime(query.until, "until");
      const since = query.since === undefined ? until - DEFAULT_RANGE_MS : parseQueryTime(query.since, "since");
      return metrics.series(environment.id, {
        from: since / 1000,
        to: until / 1000,
        resolution: query.resolution ?? "auto",
      });
    },
  );
}
