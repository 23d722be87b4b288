/**
 * Tables as Kysely sees them. Times are Unix milliseconds unless a name says otherwise; `json` columns are JSON texts.
 * The migrations in `migrations/` make them; SQL stays portable between SQLite and PostgreSQL.
 */
import type { Generated, Kysely, Selectable } from "kysely";
import type { EnvironmentKind, LightState } from "@fairlead/protocol/rest";

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
}

export interface Tables {
  environments: EnvironmentTable;
  agent_tokens: AgentTokenTable;
  agents: AgentTable;
  identity_conflicts: IdentityConflictTable;
  lights: LightTable;
  snapshots: SnapshotTable;
  container_events: EventTable;
  metrics: MetricsTable;
  metrics_rollups: MetricsRollupTable;
  changes: ChangeTable;
  api_tokens: ApiTokenTable;
}

export type Database = Kysely<Tables>;
export type EnvironmentRow = Selectable<EnvironmentTable>;
export type AgentTokenRow = Selectable<AgentTokenTable>;
export type AgentRow = Selectable<AgentTable>;
