import { FairleadError } from "@fairlead/protocol";
import { type ConfigReader, invalid } from "../config-reader.ts";
import { type HubCredential, credentialPath, hubBase, readCredential } from "./credential-file.ts";

/** What lets an agent in: one of them, or what is kept and a join key that may be newer. */
export interface Admission {
  /** Edge mode: shown to the hub. Standard mode: asked of callers. Never logged. */
  token?: string;
  /** Traded for a token where none is kept. Never logged. */
  joinKey?: string;
  /** From an earlier join with this hub. */
  credential?: HubCredential;
}

export interface AdmissionSources {
  /** Of the command line; each wins over its variable. */
  readonly token: string | undefined;
  readonly joinKey: string | undefined;
  readonly serverUrl: URL | undefined;
  readonly dataDir: string;
  readonly warnings: string[];
}

const JOIN_KEY = /^flj_[A-Za-z0-9_-]{43}(?<fingerprint>\.[A-Za-z0-9_-]{43})?$/;
const JOIN_KEY_NAME = "FAIRLEAD_JOIN_KEY";

/**
 * TOKEN, FAIRLEAD_JOIN_KEY and what an earlier join left in the data folder. A token that is given wins over both others.
 *
 * @throws FairleadError config_invalid naming the variable, never its value.
 */
export function readAdmission(read: ConfigReader, sources: AdmissionSources): Admission {
  const { serverUrl, dataDir, warnings } = sources;
  const token = sources.token ?? read.secret("TOKEN");
  const joinKey = sources.joinKey ?? read.secret(JOIN_KEY_NAME);
  if (serverUrl === undefined) {
    if (joinKey !== undefined && token === undefined) {
      throw invalid("FAIRLEAD_SERVER_URL", undefined, "a join key needs the URL of the hub to join");
    }
    return token === undefined ? {} : { token };
  }
  if (token !== undefined) {
    if (JOIN_KEY.test(token)) throw hidden("TOKEN", `is a join key: set it as ${JOIN_KEY_NAME}`);
    if (joinKey !== undefined) warnings.push(`TOKEN is set, so ${JOIN_KEY_NAME} is not used`);
    return { token };
  }
  checkJoinKey(joinKey, serverUrl);
  const credential = keptCredential(serverUrl, dataDir, joinKey !== undefined, warnings);
  return { ...(joinKey === undefined ? {} : { joinKey }), ...(credential === undefined ? {} : { credential }) };
}

function checkJoinKey(joinKey: string | undefined, serverUrl: URL): void {
  if (joinKey === undefined) return;
  const match = JOIN_KEY.exec(joinKey);
  if (!match) {
    throw hidden(JOIN_KEY_NAME, "is no join key: those begin with flj_ and come from fairlead env join-key NAME");
  }
  // Whoever listens on the way would have the key, and be trusted with this host.
  if (match.groups?.["fingerprint"] !== undefined && serverUrl.protocol === "ws:") {
    throw hidden(JOIN_KEY_NAME, "is for a hub with TLS: the server URL must begin with wss://");
  }
}

/** The credential of this hub. One of another hub is left alone until this agent joins here. */
function keptCredential(
  serverUrl: URL,
  dataDir: string,
  hasJoinKey: boolean,
  warnings: string[],
): HubCredential | undefined {
  const path = credentialPath(dataDir);
  const server = hubBase(serverUrl);
  try {
    const kept = readCredential(dataDir);
    if (kept === undefined || kept.server === server) return kept;
    warnings.push(`The credential kept in ${path} is for ${kept.server}, not for ${server}`);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    const problem = `the hub's credential in ${path} cannot be read (${reason})`;
    if (!hasJoinKey)
      throw invalid(JOIN_KEY_NAME, undefined, `${problem}; make it readable, or join with a new join key`);
    warnings.push(`${problem}: joining again`);
  }
  return undefined;
}

function hidden(name: string, problem: string): Error {
  return new FairleadError("config_invalid", `${name} (value not shown) ${problem}`, { details: { variable: name } });
}
