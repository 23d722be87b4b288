import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineAddress } from "../config.ts";
import type { Log } from "../log.ts";
import { carry } from "../standard/carrier.ts";
import { refuse } from "../standard/refuse.ts";
import { TokenCheck } from "../standard/token-check.ts";
import type { GuardedEngine } from "../streams/serve-streams.ts";
import { FairleadError } from "@fairlead/protocol";

/** A socket of the engine for one compose operation, on which each call is under the policy. */
export interface EngineGate {
  readonly address: EngineAddress;
  /** The folder, for other things that only this operation is to see. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Opens one in a folder that only this user can enter. */
export async function openEngineGate({ policy, engine }: GuardedEngine, log: Log): Promise<EngineGate> {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-gate-"));
  const path = join(folder, "docker.sock");
  const clients = new Set<Socket>();
  const options = {
    engine,
    policy,
    log,
    token: new TokenCheck(undefined, log),
    control: (client: Socket) => refuse(client, new FairleadError("not_found", "compose has no business there")),
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    client.once("close", () => clients.delete(client));
    void carry(client, options);
  });
  server.listen(path);
  await once(server, "listening");
  return {
    address: { kind: "unix", path },
    folder,
    close: async () => {
      server.close();
      for (const client of clients) client.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
