/** REST schemas of join keys: what an agent trades, once, for its own token. */
import Type, { type Static } from "typebox";
import { MAX_NAME_LENGTH } from "../limits.ts";

const timestamp = (description: string) => Type.String({ format: "date-time", description });

/** An hour: time to paste a line on a host, and little for who finds it in a chat or a shell's history later. */
export const DEFAULT_JOIN_KEY_TTL_SECONDS = 3600;

/** A week: images that are flashed today and switched on by next week. What must last longer is a token. */
export const MAX_JOIN_KEY_TTL_SECONDS = 7 * 24 * 3600;

export const JoinKeyTtlSchema = Type.Integer({
  minimum: 1,
  maximum: MAX_JOIN_KEY_TTL_SECONDS,
  description: "How long the join key can be used.",
});

export const CreateJoinKeySchema = Type.Object(
  { ttlSeconds: Type.Optional(JoinKeyTtlSchema) },
  { additionalProperties: false },
);
export type CreateJoinKey = Static<typeof CreateJoinKeySchema>;

export const CreatedJoinKeySchema = Type.Object({
  joinKey: Type.String({ description: "For one agent, once. Shown this once." }),
  expiresAt: timestamp("Until when it can be used."),
});
export type CreatedJoinKey = Static<typeof CreatedJoinKeySchema>;

/** The agent that used a join key, as it called itself. */
const JoinedAgentSchema = Type.Object({
  agentId: Type.String(),
  agentName: Type.String(),
  hostname: Type.String(),
  address: Type.String({ description: "Address it joined from." }),
});
export type JoinedAgent = Static<typeof JoinedAgentSchema>;

export const JoinKeySchema = Type.Object({
  id: Type.Integer(),
  state: Type.Union([Type.Literal("open"), Type.Literal("used"), Type.Literal("expired"), Type.Literal("revoked")]),
  createdAt: timestamp("When it was made."),
  expiresAt: timestamp("Until when it can, or could, be used."),
  usedAt: Type.Union([timestamp("When an agent joined with it."), Type.Null()]),
  usedBy: Type.Union([JoinedAgentSchema, Type.Null()]),
});
export type JoinKey = Static<typeof JoinKeySchema>;

/** Open ones, and the last that ended; newest first. */
export const JoinKeyListSchema = Type.Object({ items: Type.Array(JoinKeySchema) });
export type JoinKeyList = Static<typeof JoinKeyListSchema>;

/** What an agent sends to join. Unknown fields are ignored: a later agent may say more. */
export const JoinSchema = Type.Object({
  joinKey: Type.String({ minLength: 1, maxLength: 256 }),
  agentId: Type.String({ maxLength: MAX_NAME_LENGTH }),
  agentName: Type.String({ maxLength: MAX_NAME_LENGTH }),
  hostname: Type.String({ maxLength: MAX_NAME_LENGTH }),
  attempt: Type.Optional(
    Type.String({
      minLength: 32,
      maxLength: 256,
      description:
        "A secret of this agent's. When the answer was lost on the way, the same key with the same secret gets another token, as long as the first was not used.",
    }),
  ),
});
export type Join = Static<typeof JoinSchema>;

export const JoinedSchema = Type.Object({
  token: Type.String({ description: "The agent's token, for its hello. Shown this once." }),
  environment: Type.Object({ id: Type.Integer(), name: Type.String() }),
});
export type Joined = Static<typeof JoinedSchema>;
