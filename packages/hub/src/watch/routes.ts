import { ContainerListSchema, EnvironmentContainersSchema } from "@fairlead/protocol/rest";
import Type from "typebox";
import { EnvironmentParamsSchema } from "../environments/routes.ts";
import type { Authorization } from "../access/authorization.ts";
import type { EnvironmentService } from "../environments/service.ts";
import type { HubApp } from "../http/app.ts";
import { problems } from "../http/route-schemas.ts";
import type { ContainerLists } from "./container-lists.ts";

export interface ContainerRoutesParts {
  readonly containers: ContainerLists;
  readonly authorization: Authorization;
  readonly environments: Pick<EnvironmentService, "list">;
}

const tags = ["containers"];
const description =
  "Asked live; of a host that does not answer in time, the last known state with its age and the reason.";

/** Containers over all hosts, and of one. */
export function containerRoutes(app: HubApp, { containers, authorization, environments }: ContainerRoutesParts): void {
  app.get(
    "/api/v1/containers",
    {
      config: { permission: "container.view" },
      schema: {
        tags,
        summary: "The containers of several environments",
        description,
        querystring: Type.Object({
          environment: Type.Optional(Type.String({ description: "Ids or names, separated by commas. Default: all." })),
        }),
        response: { 200: ContainerListSchema, ...problems },
      },
    },
    async ({ query, caller }) => {
      const selected = await authorization.select(caller, "container.view", query.environment);
      return { items: await containers.list(selected ?? (await environments.list())) };
    },
  );
  app.get(
    "/api/v1/environments/:env/containers",
    {
      config: { permission: "container.view" },
      schema: {
        tags,
        summary: "The containers of one environment",
        description,
        params: EnvironmentParamsSchema,
        response: { 200: EnvironmentContainersSchema, ...problems },
      },
    },
    async ({ environment }) => containers.listOne(environment),
  );
}
