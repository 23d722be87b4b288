/** REST schemas of roles: named sets of permissions, and where they are held. */
import Type, { type Static } from "typebox";
import { PERMISSIONS, type Permission } from "../permissions.ts";

const PermissionSchema = Type.Unsafe<Permission>(
  Type.String({ enum: Object.keys(PERMISSIONS), description: "A verb on a thing, such as container.start." }),
);

/** A role's name: can stand in a URL and on a command line. */
const RoleNameSchema = Type.String({ pattern: "^[a-z][a-z0-9_-]{0,62}$" });

/** Where a grant holds. */
export const GrantScopeSchema = Type.Union([
  Type.Object({ type: Type.Literal("all") }, { additionalProperties: false, description: "Everywhere." }),
  Type.Object(
    {
      type: Type.Literal("label"),
      name: Type.String({ minLength: 1, maxLength: 256 }),
      value: Type.String({ maxLength: 256 }),
    },
    { additionalProperties: false, description: "On environments that have this label." },
  ),
  Type.Object(
    { type: Type.Literal("environment"), environmentId: Type.Integer({ minimum: 1 }) },
    { additionalProperties: false, description: "On one environment." },
  ),
]);

export type GrantScope = Static<typeof GrantScopeSchema>;

/** A role held somewhere. */
export const RoleBindingSchema = Type.Object(
  { role: RoleNameSchema, scope: GrantScopeSchema },
  { additionalProperties: false },
);
export type RoleBinding = Static<typeof RoleBindingSchema>;

/** Permissions held somewhere: a role's, or listed ones. */
export const GrantSchema = Type.Union([
  RoleBindingSchema,
  Type.Object(
    { permissions: Type.Array(PermissionSchema, { minItems: 1, maxItems: 100 }), scope: GrantScopeSchema },
    { additionalProperties: false },
  ),
]);
export type GrantInput = Static<typeof GrantSchema>;

/** What comes of roles and limits: permissions that are held, and where. Permissions on the hub itself are held everywhere. */
export const EffectiveGrantSchema = Type.Object({ permissions: Type.Array(PermissionSchema), scope: GrantScopeSchema });
export type EffectiveGrant = Static<typeof EffectiveGrantSchema>;

/** Grants of one token or person: more is a role that nobody made. */
export const GrantListSchema = Type.Array(GrantSchema, { maxItems: 100 });
export const RoleBindingListSchema = Type.Object(
  { items: Type.Array(RoleBindingSchema, { maxItems: 100 }) },
  { additionalProperties: false },
);
export type RoleBindingList = Static<typeof RoleBindingListSchema>;

export const RoleSchema = Type.Object(
  {
    name: RoleNameSchema,
    builtIn: Type.Boolean({ description: "viewer, operator and admin: they cannot be changed." }),
    permissions: Type.Array(PermissionSchema),
  },
  { title: "Role" },
);
export type Role = Static<typeof RoleSchema>;

export const RoleListSchema = Type.Object({ items: Type.Array(RoleSchema) });
export type RoleList = Static<typeof RoleListSchema>;

export const CreateRoleSchema = Type.Object(
  { name: RoleNameSchema, permissions: Type.Array(PermissionSchema, { maxItems: 100 }) },
  { additionalProperties: false },
);
export type CreateRole = Static<typeof CreateRoleSchema>;

export const UpdateRoleSchema = Type.Object(
  { permissions: Type.Array(PermissionSchema, { maxItems: 100 }) },
  { additionalProperties: false },
);
export type UpdateRole = Static<typeof UpdateRoleSchema>;
