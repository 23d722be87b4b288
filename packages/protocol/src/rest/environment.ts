/** REST schemas of environments: the hosts that a hub knows, and what is last known of each. */
import Type, { type Static } from "typebox";
import { JoinKeyTtlSchema } from "./joining.ts";

/** How the hub reaches a host: its agent dials (edge), the hub dials an agent (standard), an engine (direct), or opens a local socket. */
export const EnvironmentKindSchema = Type.Union(
  [Type.Literal("edge"), Type.Literal("standard"), Type.Literal("direct"), Type.Literal("socket")],
  {
    description:
      "edge: its agent dials the hub. standard: the hub dials a listening agent. direct: the hub dials a Docker Engine. socket: a Docker socket of the hub's own machine.",
  },
);
export type EnvironmentKind = Static<typeof EnvironmentKindSchema>;

const timestamp = (description: string) => Type.String({ format: "date-time", description });
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const LabelsSchema = Type.Unsafe<Record<string, string>>(
  Type.Object(
    {},
    {
      additionalProperties: Type.String({ maxLength: 256 }),
      maxProperties: 64,
      description: "Free labels, name to value.",
    },
  ),
);

/** A name that can stand in a URL and on a command line; not all digits, which is an id. */
export const EnvironmentNameSchema = Type.String({
  pattern: "^(?![0-9]+$)[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$",
  description: "1 to 63 letters, digits, '.', '_' or '-', starting with a letter or digit, not digits alone. Unique.",
});

/** TLS of the hub's own dial to a standard agent or a direct engine. PEM texts. */
export const DialTlsSchema = Type.Object(
  {
    caCert: Type.Optional(Type.String({ description: "PEM certificates to trust instead of the system's." })),
    clientCert: Type.Optional(Type.String({ description: "PEM client certificate." })),
    clientKey: Type.Optional(Type.String({ description: "PEM client key. Never returned." })),
    serverName: Type.Optional(Type.String({ description: "Host name to verify instead of the address's." })),
    skipVerify: Type.Optional(Type.Boolean({ default: false, description: "Accept any certificate." })),
  },
  { additionalProperties: false },
);
export type DialTls = Static<typeof DialTlsSchema>;

export const CreateEnvironmentSchema = Type.Object(
  {
    name: EnvironmentNameSchema,
    kind: Type.Optional(EnvironmentKindSchema),
    labels: Type.Optional(LabelsSchema),
    address: Type.Optional(
      Type.String({
        maxLength: 1024,
        description:
          "standard: http(s)://host:port. direct: tcp://host:port or https://host:port. socket: unix:///path or /path. Not for edge.",
      }),
    ),
    token: Type.Optional(
      Type.String({ maxLength: 1024, description: "standard: the listening agent's token. Never returned." }),
    ),
    tls: Type.Optional(DialTlsSchema),
    joinKeyTtlSeconds: Type.Optional(
      Type.Integer({
        ...JoinKeyTtlSchema,
        description: "edge: answer with a join key, too, that can be used so long.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type CreateEnvironment = Static<typeof CreateEnvironmentSchema>;

export const UpdateEnvironmentSchema = Type.Object(
  {
    name: Type.Optional(EnvironmentNameSchema),
    labels: Type.Optional(LabelsSchema),
    address: Type.Optional(Type.String({ maxLength: 1024 })),
    token: Type.Optional(Type.String({ maxLength: 1024 })),
    tls: Type.Optional(nullable(DialTlsSchema)),
  },
  { additionalProperties: false },
);
export type UpdateEnvironment = Static<typeof UpdateEnvironmentSchema>;

const LightStateSchema = Type.Union([Type.Literal("up"), Type.Literal("down"), Type.Literal("unknown")]);
export type LightState = Static<typeof LightStateSchema>;

/** One of a host's two lights. */
export const LightSchema = Type.Object({
  state: LightStateSchema,
  since: nullable(timestamp("When this state began.")),
  checkedAt: nullable(timestamp("When it was last confirmed.")),
  error: nullable(Type.String({ description: "Why it is down, in words." })),
});
export type Light = Static<typeof LightSchema>;

/** The agent of an environment, as its last hello said; of edge and standard environments. */
export const AgentInfoSchema = Type.Object({
  agentId: Type.String(),
  agentName: Type.String(),
  hostname: Type.String(),
  version: Type.String(),
  protocol: Type.String(),
  capabilities: Type.Array(Type.String()),
  address: nullable(Type.String({ description: "Address it dialled from." })),
  policy: nullable(
    Type.String({
      description: "What its host lets hubs do: no-exec, read-only or file:NAME. Null: everything.",
    }),
  ),
  connectedAt: nullable(timestamp("When the present, or last, connection began.")),
  disconnectedAt: nullable(timestamp("When it ended; null while connected.")),
  latencyMs: nullable(Type.Number({ description: "Round trip of the last ping, milliseconds." })),
});
export type AgentInfo = Static<typeof AgentInfoSchema>;

/** A second machine tried to use the environment's token while the first was connected. */
export const IdentityConflictSchema = Type.Object({
  at: timestamp("Last attempt."),
  attempts: Type.Integer(),
  refused: Type.Object({
    agentId: Type.String(),
    agentName: Type.String(),
    hostname: Type.String(),
    address: nullable(Type.String()),
  }),
  connected: Type.Object({
    agentId: Type.String(),
    agentName: Type.String(),
    hostname: Type.String(),
    address: nullable(Type.String()),
  }),
});
export type IdentityConflict = Static<typeof IdentityConflictSchema>;

export const AgentTokenInfoSchema = Type.Object({
  createdAt: timestamp("When the current token was made."),
  lastUsedAt: nullable(timestamp("When an agent last joined with it.")),
  revokedAt: nullable(timestamp("When it was revoked; agents can not join until it is rotated.")),
  previousValidUntil: nullable(timestamp("Until when the token before the last rotation still works.")),
});
export type AgentTokenInfo = Static<typeof AgentTokenInfoSchema>;

/** Figures of the engine as it last told. */
export const EngineInfoSchema = Type.Object({
  version: Type.String(),
  apiVersion: Type.String(),
  os: Type.String({ description: "Operating system's name as the engine tells it." }),
  arch: Type.String(),
  cpus: Type.Integer(),
  memoryBytes: Type.Number(),
  containers: Type.Object({
    total: Type.Integer(),
    running: Type.Integer(),
    paused: Type.Integer(),
    stopped: Type.Integer(),
  }),
  images: Type.Integer(),
});
export type EngineInfo = Static<typeof EngineInfoSchema>;

export const EnvironmentSchema = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    kind: EnvironmentKindSchema,
    labels: LabelsSchema,
    address: nullable(Type.String()),
    tls: nullable(Type.Omit(DialTlsSchema, ["clientKey"])),
    createdAt: timestamp("When it was added."),
    link: LightSchema,
    engine: LightSchema,
    engineInfo: nullable(EngineInfoSchema),
    agent: nullable(AgentInfoSchema),
    conflict: nullable(IdentityConflictSchema),
    agentToken: nullable(AgentTokenInfoSchema),
    snapshotAt: nullable(timestamp("Age of the last known state (containers, engineInfo).")),
  },
  { title: "Environment" },
);
export type Environment = Static<typeof EnvironmentSchema>;

export const EnvironmentListSchema = Type.Object({ items: Type.Array(EnvironmentSchema) });
export type EnvironmentList = Static<typeof EnvironmentListSchema>;

/** `agentToken` is there for edge environments, this once; the join key's fields where one was asked for. */
export const CreatedEnvironmentSchema = Type.Object({
  environment: EnvironmentSchema,
  agentToken: Type.Optional(Type.String({ description: "The agent's token. Shown this once." })),
  joinKey: Type.Optional(
    Type.String({ description: "For one agent, once: it gets a token of its own. Shown this once." }),
  ),
  joinKeyExpiresAt: Type.Optional(timestamp("Until when the join key can be used.")),
});
export type CreatedEnvironment = Static<typeof CreatedEnvironmentSchema>;

/** Longest overlap of a rotated token, in seconds: 30 days. */
export const MAX_TOKEN_OVERLAP_SECONDS = 30 * 24 * 3600;

export const RotateTokenSchema = Type.Object(
  {
    overlapSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_TOKEN_OVERLAP_SECONDS,
        default: 0,
        description: "How long the old token still works. 0: it ends now and its connection is closed.",
      }),
    ),
  },
  { additionalProperties: false },
);
export type RotateToken = Static<typeof RotateTokenSchema>;

export const RotatedTokenSchema = Type.Object({
  agentToken: Type.String({ description: "The new token. Shown this once." }),
  previousValidUntil: nullable(timestamp("Until when the old token works.")),
});
export type RotatedToken = Static<typeof RotatedTokenSchema>;

/** A container as the engine's list has it; field names are Docker's. */
export const ContainerSummarySchema = Type.Object(
  {
    Id: Type.String(),
    Names: Type.Array(Type.String()),
    Image: Type.String(),
    ImageID: Type.String(),
    Command: Type.String(),
    Created: Type.Integer({ description: "Unix time in seconds." }),
    State: Type.String(),
    Status: Type.String(),
    Ports: Type.Array(Type.Object({}, { additionalProperties: true })),
    Labels: Type.Unsafe<Record<string, string>>(Type.Object({}, { additionalProperties: Type.String() })),
  },
  { additionalProperties: true, title: "ContainerSummary" },
);
export type ContainerSummary = Static<typeof ContainerSummarySchema>;

/** The containers of one environment: live, or the last known with their age. */
export const EnvironmentContainersSchema = Type.Object({
  environment: Type.Object({ id: Type.Integer(), name: Type.String(), kind: EnvironmentKindSchema }),
  live: Type.Boolean({ description: "False: the last known state, as of `at`." }),
  at: nullable(timestamp("When this list was read; null when the host was never reached.")),
  error: nullable(Type.String({ description: "Why it is not live." })),
  containers: Type.Array(ContainerSummarySchema),
});
export type EnvironmentContainers = Static<typeof EnvironmentContainersSchema>;

export const ContainerListSchema = Type.Object({ items: Type.Array(EnvironmentContainersSchema) });
export type ContainerList = Static<typeof ContainerListSchema>;
