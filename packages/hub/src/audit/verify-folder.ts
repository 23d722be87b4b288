import type { AuditVerification } from "@fairlead/protocol/rest";
import { openReadOnly } from "../database/read-only.ts";
import { parseHead } from "./chain.ts";
import { AuditStore } from "./store.ts";
import { verifyChain } from "./verify-chain.ts";

/**
 * Checks the audit log of a data folder, or of a copy of one, without a hub and without writing to it.
 *
 * @param fromHead NUMBER:HASH that was kept.
 * @throws FairleadError bad_request, not_found, database_corrupt, database_newer, config_invalid (an older schema).
 */
export async function verifyAuditFolder(dataDir: string, fromHead?: string): Promise<AuditVerification> {
  const head = fromHead === undefined ? undefined : parseHead(fromHead);
  const { db, close } = openReadOnly(dataDir);
  try {
    return await verifyChain(new AuditStore(db), head);
  } finally {
    await close();
  }
}
