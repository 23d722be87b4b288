import type { AgentConfig } from "../config.ts";
import { type HubKeyCheck, pinnedKey } from "../link/hub-key.ts";
import { createLog } from "../log.ts";
import { credentialPath, type HubCredential } from "./credential-file.ts";

/** Of a hub that was joined; undefined where authorities are asked, or nobody. */
export function keptKeyCheck(
  { caCert, tlsSkipVerify, dataDir }: Pick<AgentConfig, "caCert" | "tlsSkipVerify" | "dataDir">,
  { pin }: HubCredential,
): HubKeyCheck | undefined {
  // Whoever names an authority, or wants none, has said how the hub is to be known.
  if (pin === undefined || caCert !== undefined || tlsSkipVerify) return undefined;
  return pinnedKey(pin, credentialPath(dataDir));
}

/** How an agent with this configuration judges the key of its hub; undefined where authorities are asked, or nobody. */
export async function hubKeyCheck(config: AgentConfig): Promise<HubKeyCheck | undefined> {
  const { serverUrl, credential, joinKey } = config;
  if (credential !== undefined) return keptKeyCheck(config, credential);
  if (serverUrl === undefined || joinKey === undefined) return undefined;
  const { FirstTrust } = await import("./first-trust.ts");
  return new FirstTrust({ config: { ...config, serverUrl }, joinKey, pin: undefined, log: createLog("error") }).check;
}
