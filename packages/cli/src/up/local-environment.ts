import type { FairleadClient } from "@fairlead/api-client";
import { FairleadError, isFairleadError } from "@fairlead/protocol";
import type { Environment } from "@fairlead/protocol/rest";
import { hostname } from "node:os";
import { join } from "node:path";
import { readIfPresent, writePrivateFile } from "../settings/private-file.ts";

/** This machine as an environment of its own hub. */
export interface LocalEnvironment {
  readonly environment: Environment;
  /** File with its agent's token (0600). */
  readonly tokenFile: string;
}

/** Which environment this machine is, in the hub's data folder. */
const ENVIRONMENT_FILE = "local-environment.json";
const TOKEN_FILE = "agent-token";
/** Other hosts of the same name; more than this is no coincidence. */
const MAX_NAMES = 20;
const MAX_NAME_LENGTH = 63;

/** The edge environment of this machine: made at the first call, found again later. */
export async function localEnvironment(client: FairleadClient, dataDir: string): Promise<LocalEnvironment> {
  const tokenFile = join(dataDir, TOKEN_FILE);
  const known = await knownEnvironment(client, dataDir);
  if (known && (await readIfPresent(tokenFile)) !== undefined) return { environment: known, tokenFile };
  if (known) {
    const { agentToken } = await client.rotateAgentToken(known.id);
    await writePrivateFile(tokenFile, `${agentToken}\n`);
    return { environment: known, tokenFile };
  }
  const { environment, agentToken } = await createEnvironment(client);
  await writePrivateFile(tokenFile, `${agentToken}\n`);
  await writePrivateFile(join(dataDir, ENVIRONMENT_FILE), `${JSON.stringify({ id: environment.id })}\n`);
  return { environment, tokenFile };
}

async function knownEnvironment(client: FairleadClient, dataDir: string): Promise<Environment | undefined> {
  const text = await readIfPresent(join(dataDir, ENVIRONMENT_FILE));
  if (text === undefined) return undefined;
  try {
    const { id } = JSON.parse(text) as { id: number };
    const environment = await client.getEnvironment(id);
    return environment.kind === "edge" ? environment : undefined;
  } catch (error) {
    // It was removed, or the file is damaged: a new one is made.
    if (error instanceof SyntaxError || isFairleadError(error, "not_found")) return undefined;
    throw error;
  }
}

async function createEnvironment(client: FairleadClient): Promise<{ environment: Environment; agentToken: string }> {
  const base = environmentName(hostname());
  for (let count = 1; count <= MAX_NAMES; count += 1) {
    const name = count === 1 ? base : `${base.slice(0, MAX_NAME_LENGTH - 3)}-${count}`;
    try {
      const { environment, agentToken } = await client.createEnvironment({ name, kind: "edge" });
      if (agentToken === undefined) throw new FairleadError("internal", "The hub made an environment without a token");
      return { environment, agentToken };
    } catch (error) {
      if (!isFairleadError(error, "conflict")) throw error;
    }
  }
  throw new FairleadError(
    "conflict",
    `There are ${MAX_NAMES} environments named after '${base}'; remove those that are no more`,
  );
}

/** A host's name as one that an environment can have. */
export function environmentName(host: string): string {
  const name = host
    .replace(/[^A-Za-z0-9_.-]/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, MAX_NAME_LENGTH);
  if (name === "") return "local";
  return /^\d+$/.test(name) ? `host-${name}`.slice(0, MAX_NAME_LENGTH) : name;
}
