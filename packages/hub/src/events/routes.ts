import { EventPageSchema, type EventQuery, EventQuerySchema } from "@fairlead/protocol/rest";
import Type from "typebox";
import { EnvironmentParamsSchema } from "../environments/routes.ts";
import type { Authorization } from "../access/authorization.ts";
import { commaList } from "../environments/comma-list.ts";
import type { HubApp } from "../http/app.ts";
import { problems } from "../http/route-schemas.ts";
import { parseQueryTime } from "./query-time.ts";
import type { EventService } from "./service.ts";
import type { EventSelection } from "./store.ts";

export interface EventRoutesOptions {
  readonly events: EventService;
  readonly authorization: Authorization;
}

const DEFAULT_LIMIT = 100;

export function eventRoutes(app: HubApp, { events, authorization }: EventRoutesOptions): void {
  app.get(
    "/api/v1/events",
    {
      config: { permission: "environment.view" },
      schema: {
        summary: "Container events of all environments, in time order",
        tags: ["events"],
        querystring: EventQuerySchema,
        response: { 200: EventPageSchema, ...problems },
      },
    },
    async ({ query, caller }) => {
      const selected = await authorization.select(caller, "environment.view", query.environment);
      return events.page(
        selection(
          query,
          selected?.map(({ id }) => id),
        ),
      );
    },
  );
  app.get(
    "/api/v1/environments/:env/events",
    {
      config: { permission: "environment.view" },
      schema: {
        summary: "Container events of one environment, in time order",
        tags: ["events"],
        params: EnvironmentParamsSchema,
        querystring: Type.Omit(EventQuerySchema, ["environment"]),
        response: { 200: EventPageSchema, ...problems },
      },
    },
    async ({ environment, query }) => events.page(selection(query, [environment.id])),
  );
}

function selection(query: EventQuery, environments: readonly number[] | undefined): EventSelection {
  const actions = commaList(query.action);
  return {
    order: query.order ?? "asc",
    limit: query.limit ?? DEFAULT_LIMIT,
    ...(environments === undefined ? {} : { environments }),
    ...(query.since === undefined ? {} : { since: parseQueryTime(query.since, "since") }),
    ...(query.until === undefined ? {} : { until: parseQueryTime(query.until, "until") }),
    ...(query.after === undefined ? {} : { after: query.after }),
    ...(query.container === undefined ? {} : { container: query.container }),
    ...(actions === undefined ? {} : { actions }),
  };
}
