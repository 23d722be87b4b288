import { join } from "node:path";
import { type Environment, hubDataDir } from "./folders.ts";
import { readIfPresent, writePrivateFile } from "./private-file.ts";

/** Where `fairlead up` and `fairlead hub` listen unless told otherwise. */
export const DEFAULT_PORT = 8375;

/** Files in the hub's data folder that let the command line find a hub on its own machine. */
const ADDRESS_FILE = "hub.json";
const TOKEN_FILE = "api-token";

/** Path of the API token of the hub with this data folder. */
export function localTokenPath(dataDir: string): string {
  return join(dataDir, TOKEN_FILE);
}

/** Says where the hub of this data folder listens, for commands on the same machine. Returns the URL that they use. */
export async function announceLocalHub(dataDir: string, listening: string): Promise<string> {
  const url = new URL(listening);
  // An address that means all of them is one to listen on, not one to dial.
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (url.hostname === "[::]") url.hostname = "[::1]";
  await writePrivateFile(join(dataDir, ADDRESS_FILE), `${JSON.stringify({ url: url.origin })}\n`);
  return url.origin;
}

/** The hub of this machine, if its data folder has a token that we may read. */
export async function findLocalHub(env: Environment): Promise<{ url: string; token: string } | undefined> {
  const dataDir = hubDataDir(env);
  try {
    const token = (await readIfPresent(localTokenPath(dataDir)))?.trim();
    if (!token) return undefined;
    const address = await readIfPresent(join(dataDir, ADDRESS_FILE));
    const url = address === undefined ? undefined : (JSON.parse(address) as { url?: unknown }).url;
    return { url: typeof url === "string" ? url : `http://127.0.0.1:${DEFAULT_PORT}`, token };
  } catch {
    // Another user's hub, or a damaged file: as if there were none.
    return undefined;
  }
}
