import type { Migration } from "kysely/migration";
import * as foundation from "./0001-foundation.ts";
import * as access from "./0002-access.ts";
import * as people from "./0003-people.ts";
import * as joining from "./0004-joining.ts";
import * as agentPolicy from "./0005-agent-policy.ts";
import * as audit from "./0006-audit.ts";
import * as containerMetrics from "./0007-container-metrics.ts";

/**
 * Every migration, by name. They run in the order of their names, forward only; one that is released never changes.
 * SQL stays portable: Kysely's builder, integer ids, bigint times.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-foundation": foundation,
  "0002-access": access,
  "0003-people": people,
  "0004-joining": joining,
  "0005-agent-policy": agentPolicy,
  "0006-audit": audit,
  "0007-container-metrics": containerMetrics,
};
