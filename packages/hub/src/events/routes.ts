import { EventPageSchema, type EventQuery, EventQuerySchema } from "@fairlead/protocol/rest";
import Type from "typebox";
import { EnvironmentParamsSchema } from "../environments/routes.ts";
import { commaList, selectEnvironments } from "../environments/selection.ts";
import type { EnvironmentService } from "../environments/service.ts";
import type { HubApp } from "../http/app.ts";
import { problems } from "../http/route-schemas.ts";
import { parseQueryTime } from "./query-time.ts";
import type { EventService } from "./service.ts";
import type { EventSelection } from "./store.ts";

export interface EventRoutesOptions {
  readonly events: EventService;
  readonly environments: Pick<EnvironmentService, "resolve">;
}

const DEFAULT_LIMIT = 100;

export function eventRoutes(app: HubApp, { events, environments }: EventRoutesOptions): void {
  app.get(
    "/api/v1/events",
    {
      schema: {
        summary: "Container events of all environments, in time order",
        tags: ["events"],
        querystring: EventQuerySchema,
        response: { 200: EventPageSchema, ...problems },
      },
    },
    async ({ query }) => {
      const selected = await selectEnvironments(environments, query.environment);
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
      schema: {
        summary: "Container events of one environment, in time order",
        tags: ["events"],
        params: EnvironmentParamsSchema,
        querystring: Type.Omit(EventQuerySchema, ["environment"]),
        response: { 200: EventPageSchema, ...problems },
      },
    },
    async ({ params, query }) => events.page(selection(query, [(await environments.resolve(params.env)).id])),
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
