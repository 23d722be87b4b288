import {
  DEFAULT_FLEET_POINTS,
  FleetMetricsQuerySchema,
  FleetMetricsSchema,
  MetricsQuerySchema,
  MetricsSeriesSchema,
} from "@fairlead/protocol/rest";
import type { Authorization } from "../access/authorization.ts";
import { EnvironmentParamsSchema } from "../environments/routes.ts";
import type { EnvironmentService } from "../environments/service.ts";
import { parseQueryTime } from "../events/query-time.ts";
import type { HubApp } from "../http/app.ts";
import { problems } from "../http/route-schemas.ts";
import type { MetricsService } from "./service.ts";

export interface MetricsRoutesOptions {
  readonly metrics: MetricsService;
  readonly authorization: Authorization;
  readonly environments: Pick<EnvironmentService, "list">;
  readonly now?: () => number;
}

const DEFAULT_RANGE_MS = 3600_000;

export function metricsRoutes(app: HubApp, options: MetricsRoutesOptions): void {
  const { metrics, authorization, environments, now = Date.now } = options;
  const rangeOf = ({ since, until }: { since?: string; until?: string }): { from: number; to: number } => {
    const to = until === undefined ? now() : parseQueryTime(until, "until");
    const from = since === undefined ? to - DEFAULT_RANGE_MS : parseQueryTime(since, "since");
    return { from: from / 1000, to: to / 1000 };
  };
  app.get(
    "/api/v1/metrics",
    {
      config: { permission: "environment.view" },
      schema: {
        summary: "Host metrics of all environments, downsampled",
        description:
          "For overviews: of each environment one point for each of `points` equal spans, as a 5-minute figure has it (means of cpuUsage, memory and disk used and free, the last value of counters and sizes). Of ranges within the last day from full resolution where spans are shorter than 5 minutes, else from 5-minute figures. A figure that the host did not tell is absent, and so is a span without figures.",
        tags: ["metrics"],
        querystring: FleetMetricsQuerySchema,
        response: { 200: FleetMetricsSchema, ...problems },
      },
    },
    async ({ caller, query }) => {
      const selected = await authorization.select(caller, "environment.view", query.environment);
      const ids = (selected ?? (await environments.list())).map(({ id }) => id);
      return metrics.fleet(ids, { ...rangeOf(query), points: query.points ?? DEFAULT_FLEET_POINTS });
    },
  );
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
    async ({ environment, query }) =>
      metrics.series(environment.id, { ...rangeOf(query), resolution: query.resolution ?? "auto" }),
  );
}
