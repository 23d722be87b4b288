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
