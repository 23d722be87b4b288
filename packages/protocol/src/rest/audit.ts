/** REST schemas of the audit log: who changed what, where, and with which outcome. */
import Type, { type Static } from "typebox";

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const HashSchema = Type.String({ pattern: "^[0-9a-f]{64}$", description: "SHA-256, hex." });

/**
 * `done`: as asked for. `refused`: the caller may not, or asked for what cannot be (HTTP 4xx). `failed`: hub, agent or engine
 * failed (5xx), or it broke off. `started`: goes on for longer; an entry with the same request id tells its end.
 */
export const AUDIT_OUTCOMES = ["started", "done", "refused", "failed"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** By which way it came in; `hub`: the hub itself. */
export const AUDIT_DOORS = ["rest", "docker", "terminal", "link", "hub"] as const;
export type AuditDoor = (typeof AUDIT_DOORS)[number];

/** `nobody`: not known who, as with attempts that were refused for want of a token. */
export const AUDIT_ACTOR_KINDS = ["token", "person", "agent", "system", "nobody"] as const;
export type AuditActorKind = (typeof AUDIT_ACTOR_KINDS)[number];

export const AuditActorSchema = Type.Object({
  kind: Type.Enum([...AUDIT_ACTOR_KINDS]),
  id: nullable(Type.String()),
  name: nullable(Type.String()),
  personId: nullable(Type.String({ description: "The person behind a token." })),
});
export type AuditActor = Static<typeof AuditActorSchema>;

export const AuditEntrySchema = Type.Object({
  number: Type.Integer({ description: "From 1 on, without gaps." }),
  at: Type.String({ format: "date-time", description: "When it began." }),
  durationMs: nullable(Type.Integer()),
  door: Type.Enum([...AUDIT_DOORS]),
  actor: AuditActorSchema,
  address: nullable(Type.String({ description: "Where the request came from." })),
  action: Type.String({ description: "A permission, or a name such as `sign-in` or `token.create`." }),
  environment: nullable(Type.Object({ id: Type.Integer(), name: Type.String() })),
  target: nullable(Type.String({ description: "Container, image, volume or other thing: id or name." })),
  method: nullable(Type.String()),
  path: nullable(Type.String({ description: "With the parameters that can hold no secret." })),
  outcome: Type.Enum([...AUDIT_OUTCOMES]),
  status: nullable(Type.Integer({ description: "HTTP status." })),
  code: nullable(Type.String({ description: "Error code of docs/errors.md." })),
  requestId: nullable(Type.String()),
  details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Boolean()])),
  previousHash: HashSchema,
  hash: Type.String({
    pattern: "^[0-9a-f]{64}$",
    description: "SHA-256, hex, of previousHash (as text) and the entry without both hashes as JSON (RFC 8785).",
  }),
});
export type AuditEntry = Static<typeof AuditEntrySchema>;

export const MAX_AUDIT_PAGE = 1000;

/** What both the list and the export are narrowed by. */
export const AuditFilterSchema = Type.Object({
  actor: Type.Optional(
    Type.String({ maxLength: 256, description: "Kind, id or name of who did it, or the person's id." }),
  ),
  action: Type.Optional(
    Type.String({ maxLength: 1024, description: "Actions, separated by commas; `container.*` for all of a kind." }),
  ),
  environment: Type.Optional(Type.String({ maxLength: 1024, description: "Ids or names, separated by commas." })),
  outcome: Type.Optional(
    Type.String({ maxLength: 64, description: `Of ${AUDIT_OUTCOMES.join(", ")}; separated by commas.` }),
  ),
  since: Type.Optional(Type.String({ description: "ISO 8601 time, or Unix seconds. Entries at or after it." })),
  until: Type.Optional(Type.String({ description: "ISO 8601 time, or Unix seconds. Entries before it." })),
  text: Type.Optional(
    Type.String({ maxLength: 256, description: "Part of target, path, address, actor's name, code or request id." }),
  ),
});
export type AuditFilter = Static<typeof AuditFilterSchema>;

export const AuditQuerySchema = Type.Object({
  ...AuditFilterSchema.properties,
  after: Type.Optional(
    Type.Integer({ minimum: 0, description: "Number of an entry: what follows it in the order asked for." }),
  ),
  order: Type.Optional(Type.Union([Type.Literal("asc"), Type.Literal("desc")], { default: "desc" })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_AUDIT_PAGE, default: 100 })),
});
export type AuditQuery = Static<typeof AuditQuerySchema>;

/** `next` is the `after` of the following page, null at the end. */
export const AuditPageSchema = Type.Object({
  items: Type.Array(AuditEntrySchema),
  next: nullable(Type.Integer()),
});
export type AuditPage = Static<typeof AuditPageSchema>;

/** Kept outside of the hub, it shows later that the log was neither cut nor rewritten up to here. */
export const AuditHeadSchema = Type.Object({
  number: Type.Integer({ description: "Of the last entry; 0: there is none." }),
  hash: HashSchema,
});
export type AuditHead = Static<typeof AuditHeadSchema>;

/**
 * `changed`: what the entry says does not give its hash. `moved`: the entry stands under another's number. `missing`: numbers
 * are not there. `broken`: the entry does not go on from the one before it, so that one of the two was written anew. `start`: the
 * log does not begin where retention left it. `head`: the log does not hold the head that was kept.
 */
export const AUDIT_PROBLEM_KINDS = ["changed", "moved", "missing", "broken", "start", "head"] as const;
export type AuditProblemKind = (typeof AUDIT_PROBLEM_KINDS)[number];

export const AuditProblemSchema = Type.Object({
  kind: Type.Enum([...AUDIT_PROBLEM_KINDS]),
  number: Type.Integer({ description: "Of the entry; of several that are missing, the first." }),
  at: nullable(Type.String({ description: "The time that the entry gives." })),
  message: Type.String(),
});
export type AuditProblem = Static<typeof AuditProblemSchema>;

export const AuditVerificationSchema = Type.Object({
  intact: Type.Boolean(),
  entries: Type.Integer({ description: "Entries that were checked." }),
  /** Where retention has cut the log: the last entry that was removed. */
  prunedThrough: nullable(
    Type.Object({ number: Type.Integer(), hash: HashSchema, at: Type.String({ format: "date-time" }) }),
  ),
  head: AuditHeadSchema,
  problems: Type.Array(AuditProblemSchema, { description: "The first ones, in the order of numbers." }),
  furtherProblems: Type.Integer({ description: "Problems beyond those." }),
});
export type AuditVerification = Static<typeof AuditVerificationSchema>;

export const AuditVerifyQuerySchema = Type.Object({
  fromHead: Type.Optional(
    Type.String({ pattern: "^\\d{1,15}:[0-9a-f]{64}$", description: "NUMBER:HASH as `fairlead audit head` gave it." }),
  ),
});
export type AuditVerifyQuery = Static<typeof AuditVerifyQuerySchema>;
