import { CreateRoleSchema, RoleListSchema, RoleSchema, UpdateRoleSchema } from "@fairlead/protocol/rest";
import Type from "typebox";
import type { HubApp } from "../http/app.ts";
import { noContent, problems } from "../http/route-schemas.ts";
import type { Access } from "./service.ts";

export interface RoleRouteParts {
  readonly access: Access;
  /** True when an API token has the role. */
  readonly isRoleOfToken: (role: string) => Promise<boolean>;
}

const tags = ["access"];
const params = Type.Object({ role: Type.String({ minLength: 1, maxLength: 63 }) });

/** `/api/v1/roles`: viewer, operator, admin, and those that people make. */
export function roleRoutes(app: HubApp, { access, isRoleOfToken }: RoleRouteParts): void {
  app.get(
    "/api/v1/roles",
    {
      config: { permission: "authenticated" },
      schema: { tags, summary: "All roles with their permissions", response: { 200: RoleListSchema, ...problems } },
    },
    () => ({ items: access.roles() }),
  );
  app.post(
    "/api/v1/roles",
    {
      config: { audit: "role.create", permission: "role.manage" },
      schema: {
        tags,
        summary: "Make a role",
        description: "Of permissions that the caller has everywhere.",
        body: CreateRoleSchema,
        response: { 201: RoleSchema, ...problems },
      },
    },
    async (request, reply) => reply.code(201).send(await access.createRole(request.caller, request.body)),
  );
  app.patch(
    "/api/v1/roles/:role",
    {
      config: { audit: "role.update", permission: "role.manage" },
      schema: {
        tags,
        summary: "Change a role's permissions",
        description: "Holds at once for everybody who has the role; their open connections end.",
        params,
        body: UpdateRoleSchema,
        response: { 200: RoleSchema, ...problems },
      },
    },
    async ({ caller, params: { role }, body }) => access.updateRole(caller, role, body.permissions),
  );
  app.delete(
    "/api/v1/roles/:role",
    {
      config: { audit: "role.remove", permission: "role.manage" },
      schema: {
        tags,
        summary: "Remove a role that nobody holds",
        params,
        response: { 204: noContent, ...problems },
      },
    },
    async ({ params: { role } }, reply) => {
      await access.removeRole(role, await isRoleOfToken(role));
      return reply.code(204).send(null);
    },
  );
}
