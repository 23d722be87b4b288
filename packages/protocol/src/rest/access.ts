/** REST schemas of API tokens, of errors, and of the hub itself. */
import Type, { type Static } from "typebox";
import { GrantListSchema } from "./role.ts";

export const ErrorBodySchema = Type.Object(
  {
    code: Type.String({ description: "A stable code of docs/errors.md." }),
    message: Type.String(),
    details: Type.Optional(Type.Object({}, { additionalProperties: true })),
  },
  { title: "Error" },
);

export const ApiTokenSchema = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  createdAt: Type.String({ format: "date-time" }),
  expiresAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  lastUsedAt: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  owner: Type.Union([Type.String(), Type.Null()], {
    description: "The person it belongs to, by id: it never does more than that one may. Null: the hub's own.",
  }),
  grants: Type.Union([GrantListSchema, Type.Null()], {
    description: "What it may do. Null: whatever its owner may; without an owner, everything.",
  }),
});
export type ApiToken = Static<typeof ApiTokenSchema>;

export const ApiTokenListSchema = Type.Object({ items: Type.Array(ApiTokenSchema) });
export type ApiTokenList = Static<typeof ApiTokenListSchema>;

export const CreateApiTokenSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 128 }),
    expiresAt: Type.Optional(Type.String({ format: "date-time", description: "Default: never." })),
    grants: Type.Optional(GrantListSchema),
  },
  { additionalProperties: false },
);
export type CreateApiToken = Static<typeof CreateApiTokenSchema>;

/** `secret` is shown this once. */
export const CreatedApiTokenSchema = Type.Object({ token: ApiTokenSchema, secret: Type.String() });
export type CreatedApiToken = Static<typeof CreatedApiTokenSchema>;

export const HubInfoSchema = Type.Object({
  name: Type.Literal("fairlead"),
  version: Type.String(),
  protocol: Type.String(),
  uptimeSeconds: Type.Integer(),
});
export type HubInfo = Static<typeof HubInfoSchema>;

/**
 * The terminal WebSocket `/api/v1/environments/{env}/exec`: binary messages are terminal bytes both ways,
 * text messages are JSON control. The first from the hub is `ready` or `error`; the last is `end` or `error`.
 */
export const ExecQuerySchema = Type.Object({
  container: Type.String({ minLength: 1, maxLength: 256 }),
  cmd: Type.Optional(Type.String({ maxLength: 4096, default: "/bin/sh" })),
  user: Type.Optional(Type.String({ maxLength: 256, default: "" })),
  cols: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, default: 80 })),
  rows: Type.Optional(Type.Integer({ minimum: 0, maximum: 65535, default: 24 })),
});
export type ExecQuery = Static<typeof ExecQuerySchema>;

export type ExecControl =
  | { type: "ready" }
  | { type: "resize"; cols: number; rows: number }
  /** `exitCode` where the engine tells it. */
  | { type: "end"; reason: string; exitCode?: number }
  | { type: "error"; code: string; message: string };
