/** The typed client of the hub's REST API. Runs in Node.js and in browsers. */
export {
  FairleadClient,
  type AuditExportQuery,
  type AuditListQuery,
  type ClientOptions,
  type ContainerListQuery,
  type EventListQuery,
  type ExecOptions,
  type LogsOptions,
  type FleetMetricsRangeQuery,
  type MetricsRangeQuery,
} from "./fairlead-client.ts";
export type { StreamMessage, StreamOptions } from "./change-stream.ts";
export {
  AGENT_SETUP_WAYS,
  type AgentSetup,
  agentSetup,
  describeAgentSetup,
  type JoinSetup,
  joinSetup,
  type SetupLines,
} from "./agent-setup.ts";
