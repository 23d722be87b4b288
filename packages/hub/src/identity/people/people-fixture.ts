/** For tests: people over a real database, with real roles and API tokens. */
import type { IncomingMessage } from "node:http";
import { pino } from "pino";
import { Access } from "../../access/service.ts";
import { AccessStore } from "../../access/store.ts";
import type { Database } from "../../database/schema.ts";
import { SecretBox } from "../../database/sealed.ts";
import { clientAddress } from "../../http/authentication.ts";
import { ApiTokens } from "../service.ts";
import { ApiTokenStore } from "../store.ts";
import { createPeople, type PeopleDomain } from "./create-people.ts";

/** The origin that people of tests use. */
export const TEST_URL = "http://localhost:8375";

export interface PeopleFixture extends AsyncDisposable {
  readonly domain: PeopleDomain;
  readonly access: Access;
  readonly tokens: ApiTokens;
}

export async function peopleFixture(db: Database, folder: string): Promise<PeopleFixture> {
  const log = pino({ level: "silent" });
  const access = new Access(new AccessStore(db));
  await access.start();
  const tokens = new ApiTokens(new ApiTokenStore(db), access, log);
  const domain = createPeople({
    db,
    secrets: await SecretBox.open(folder),
    roles: access,
    tokens,
    url: () => TEST_URL,
    oidc: undefined,
    addressOf: (request: IncomingMessage) => clientAddress(request, false),
    log,
  });
  const stop = async (): Promise<void> => {
    await domain.stop();
    await tokens.stop();
  };
  return { domain, access, tokens, [Symbol.asyncDispose]: stop };
}
