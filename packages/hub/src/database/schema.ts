/**
 * Tables as Kysely sees them. Times are Unix milliseconds unless a name says otherwise; `json` columns are JSON texts.
 * The migrations in `migrations/` make them; SQL stays portable between SQLite and PostgreSQL.
 */
import type { Generated, Kysely, Selectable } from "kysely";
import type { AuditActorKind, AuditDoor, AuditOutcome, EnvironmentKind, LightState } from "@fairlead/protocol/rest";

export interface EnvironmentTable {
  id: Generated<number>;
  name: string;
  kind: EnvironmentKind;
  /** json: Record<string, string> */
  labels: string;
  address: string | null;
  /** json: DialTls without its clientKey */
  tls: string | null;
  /** json `{token?, clientKey?}`, sealed with the data folder's key. */
  sealed_secrets: string | null;
  created_at: number;
}

export interface AgentTokenTable {
  id: Generated<number>;
  environment_id: number;
  /** SHA-256 of the token, hex. Unique: one indexed look-up a dial. */
  hash: string;
  created_at: number;
  /** Set by a rotation with overlap: the token ends then. */
  expires_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
}

/** What an agent trades, once, for its own token. */
export interface JoinKeyTable {
  id: Generated<number>;
  environment_id: number;
  /** SHA-256 of the key's secret, hex. Unique. */
  hash: string;
  created_at: number;
  expires_at: number;
  revoked_at: number | null;
  used_at: number | null;
  /** json: JoinedAgent */
  used_by: string | null;
  /** SHA-256, hex, of the secret that the agent sent along: with it, it may ask for its answer again. */
  attempt_hash: string | null;
  /** The token that was given for it. */
  token_id: number | null;
}

/** The agent of an environment as its last hello said. */
export interface AgentTable {
  environment_id: number;
  agent_id: string;
  agent_name: string;
  hostname: string;
  version: string;
  protocol: string;
  docker_version: string;
  /** json: string[] */
  capabilities: string;
  address: string | null;
  /** null: none, the hub may do whatever it likes. */
  policy: string | null;
  connected_at: number;
  disconnected_at: number | null;
}

export interface IdentityConflictTable {
  environment_id: number;
  at: number;
  attempts: number;
  /** json: {agentId, agentName, hostname, address} */
  refused: string;
  connected: string;
}

/** A host's two lights, as last seen. */
export interface LightTable {
  environment_id: number;
  light: "link" | "engine";
  state: LightState;
  since: number | null;
  checked_at: number | null;
  error: string | null;
}

/** Last known state of a host. */
export interface SnapshotTable {
  environment_id: number;
  at: number;
  /** json: EngineInfo */
  engine_info: string;
  /** json: ContainerSummary[] */
  containers: string;
}

/** Container events, and the gaps between them. */
export interface EventTable {
  id: Generated<number>;
  environment_id: number;
  kind: "event" | "gap";
  /** When it happened; of a gap, when it ended. */
  at: number;
  /** What `at` leaves out, 0 to 999,999: engines tell several events of one millisecond apart. */
  nanoseconds: number;
  /** The event's identity (nanosecond time, container, action, attributes hashed): stored once, whoever sends it twice. Unique with environment_id. */
  identity: string;
  container_id: string | null;
  container_name: string | null;
  action: string | null;
  /** json: ContainerEvent, or {from, to, reason} of a gap */
  body: string;
}

export interface MetricsTable {
  environment_id: number;
  /** Unix seconds. Primary key with environment_id. */
  at: number;
  /** json: HostMetrics */
  metrics: string;
}

/** 5-minute averages. */
export interface MetricsRollupTable {
  environment_id: number;
  /** Unix seconds, start of the 5 minutes. */
  at: number;
  samples: number;
  metrics: string;
}

/** A container whose figures are kept. Times are Unix seconds. */
export interface MetricContainerTable {
  id: Generated<number>;
  environment_id: number;
  container_id: string;
  /** As last known. */
  name: string;
  first_seen_at: number;
  /** An hour exact. */
  last_seen_at: number;
}

/** Packed samples of a container: of 5 minutes, or, in `container_metrics_rollups`, the 5-minute figures of an hour. */
export interface ContainerMetricsTable {
  /** Unix seconds, start of the time that the row is for. Primary key with `container`. */
  at: number;
  /** Row of `metric_containers`. */
  container: number;
  samples: Uint8Array;
}

/** What `/api/v1/stream` sends, kept to resume from. */
export interface ChangeTable {
  id: Generated<number>;
  topic: "environment" | "event" | "metrics";
  environment_id: number;
  at: number;
  /** json, as sent */
  body: string;
}

export interface ApiTokenTable {
  id: Generated<number>;
  name: string;
  /** SHA-256 of the secret, hex. Unique. */
  hash: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  /** Id of the person whose token it is; null: the hub's own. */
  owner_id: string | null;
  /** json: GrantInput[]; null: all that its owner may. */
  grants: string | null;
}

/** Roles that people made; viewer, operator and admin are built in. */
export interface RoleTable {
  name: string;
  /** json: Permission[] */
  permissions: string;
  created_at: number;
}

/** Which person holds which role where. */
export interface RoleBindingTable {
  id: Generated<number>;
  person_id: string;
  role: string;
  /** json: GrantScope */
  scope: string;
  /** `given` by somebody; `provider`: by the groups that an OIDC provider told, set anew at each sign-in. */
  origin: "given" | "provider";
}

/**
 * People, and what better-auth keeps of them. Ids are texts, and times that better-auth writes are ISO 8601 texts in UTC with
 * milliseconds, which sort as the times do.
 */
export interface PersonTable {
  id: string;
  name: string;
  /** In lower case. Unique. */
  email: string;
  email_verified: number;
  image: string | null;
  two_factor_enabled: number | null;
  created_at: string;
  updated_at: string;
  /** Unix milliseconds: since then the person may not sign in. */
  disabled_at: number | null;
}

export interface SessionTable {
  id: string;
  user_id: string;
  /** SHA-256 of the token, hex. Unique. */
  token: string;
  ip_address: string | null;
  user_agent: string | null;
  created_at: string;
  updated_at: string;
  /** The absolute limit. */
  expires_at: string;
  /** Unix milliseconds of the last request, a minute exact; null before the first. */
  last_seen_at: number | null;
}

/** A way to sign in: a password (`credential`), or an account at an OIDC provider. */
export interface PersonAccountTable {
  id: string;
  user_id: string;
  provider_id: string;
  account_id: string;
  password: string | null;
  access_token: string | null;
  refresh_token: string | null;
  id_token: string | null;
  access_token_expires_at: string | null;
  refresh_token_expires_at: string | null;
  scope: string | null;
  created_at: string;
  updated_at: string;
}

/** Challenges and OIDC states that are under way. */
export interface VerificationTable {
  id: string;
  identifier: string;
  value: string;
  expires_at: string;
  created_at: string;
  updated_at: string;
}

/** TOTP: secret and recovery codes, encrypted with a key of the data folder. */
export interface TwoFactorTable {
  id: string;
  user_id: string;
  secret: string;
  backup_codes: string;
  verified: number | null;
  failed_verification_count: number | null;
  locked_until: string | null;
}

export interface PasskeyTable {
  id: string;
  user_id: string;
  name: string | null;
  public_key: string;
  credential_id: string;
  counter: number;
  device_type: string;
  backed_up: number;
  transports: string | null;
  aaguid: string | null;
  created_at: string | null;
}

/** One-time links: they make the first admin, let somebody in, or give a new password. */
export interface PersonLinkTable {
  id: Generated<number>;
  kind: "first-admin" | "invitation" | "password";
  /** SHA-256 of the link's secret, hex. Unique. */
  hash: string;
  /** Of an invitation. */
  email: string | null;
  name: string | null;
  /** json: RoleBinding[], of an invitation. */
  roles: string | null;
  /** Of a new password. */
  person_id: string | null;
  created_at: number;
  expires_at: number;
}

/** Programs that ask to be let in by a person in a browser (RFC 8628). */
export interface DeviceLoginTable {
  id: Generated<number>;
  /** SHA-256 of the code that the program has, hex. Unique. */
  device_code_hash: string;
  /** SHA-256 of the code that the person types, hex. Unique. */
  user_code_hash: string;
  hostname: string;
  address: string;
  /** Who allowed it; null while nobody has. */
  person_id: string | null;
  denied: number;
  polled_at: number | null;
  created_at: number;
  expires_at: number;
}

/** An entry of the audit log. */
export interface AuditEntryTable {
  /** From 1 on, without gaps. */
  number: number;
  at: number;
  duration_ms: number | null;
  door: AuditDoor;
  actor_kind: AuditActorKind;
  actor_id: string | null;
  actor_name: string | null;
  person_id: string | null;
  address: string | null;
  action: string;
  environment_id: number | null;
  environment_name: string | null;
  target: string | null;
  method: string | null;
  path: string | null;
  outcome: AuditOutcome;
  status: number | null;
  code: string | null;
  request_id: string | null;
  /** json: Record<string, string | number | boolean> */
  details: string;
  /** Hex. */
  previous_hash: string;
  hash: string;
}

/** The last entry that retention removed; at most one row. */
export interface AuditAnchorTable {
  id: 1;
  number: number;
  hash: string;
  at: number;
}

export interface Tables {
  environments: EnvironmentTable;
  agent_tokens: AgentTokenTable;
  join_keys: JoinKeyTable;
  agents: AgentTable;
  identity_conflicts: IdentityConflictTable;
  lights: LightTable;
  snapshots: SnapshotTable;
  container_events: EventTable;
  metrics: MetricsTable;
  metrics_rollups: MetricsRollupTable;
  metric_containers: MetricContainerTable;
  container_metrics: ContainerMetricsTable;
  container_metrics_rollups: ContainerMetricsTable;
  changes: ChangeTable;
  api_tokens: ApiTokenTable;
  roles: RoleTable;
  role_bindings: RoleBindingTable;
  people: PersonTable;
  sessions: SessionTable;
  person_accounts: PersonAccountTable;
  verifications: VerificationTable;
  two_factors: TwoFactorTable;
  passkeys: PasskeyTable;
  person_links: PersonLinkTable;
  device_logins: DeviceLoginTable;
  audit_entries: AuditEntryTable;
  audit_anchor: AuditAnchorTable;
}

export type Database = Kysely<Tables>;
export type EnvironmentRow = Selectable<EnvironmentTable>;
export type AgentTokenRow = Selectable<AgentTokenTable>;
export type JoinKeyRow = Selectable<JoinKeyTable>;
export type AgentRow = Selectable<AgentTable>;
