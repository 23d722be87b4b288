import { FairleadError } from "@fairlead/protocol";
import { readFileSync } from "node:fs";
import * as tls from "node:tls";
import type { Environment } from "./folders.ts";

/**
 * Trusts the certificates of `FAIRLEAD_CA_CERT` (a PEM file) beside the usual ones, for every connection of this process:
 * for hubs with a certificate of the house.
 * @throws FairleadError config_invalid when the file cannot be read or holds no certificate.
 */
export function trustCertificates(env: Environment): void {
  const path = env["FAIRLEAD_CA_CERT"];
  if (!path) return;
  try {
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(path, "utf8")]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FairleadError("config_invalid", `FAIRLEAD_CA_CERT: '${path}' is not a readable PEM file (${reason})`);
  }
}
