/** For tests: people over a real database. */
import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { clientAddress } from "../../http/authentication.ts";
import { createPeople, type PeopleDomain, type PeopleDomainOptions } from "./create-people.ts";
import { InterimRoles } from "./interim-roles.ts";

/** The origin that people of tests use. */
export const TEST_URL = "http://localhost:8375";

export function peopleUnderTest(
  options: Pick<PeopleDomainOptions, "db" | "secrets"> & Partial<PeopleDomainOptions>,
): PeopleDomain {
  return createPeople({
    roles: new InterimRoles(),
    makeToken: () => Promise.resolve(`fl_${randomBytes(8).toString("hex")}`),
    url: () => TEST_URL,
    oidc: undefined,
    addressOf: (request) => clientAddress(request, false),
    onSessionEnded: () => {},
    log: pino({ level: "silent" }),
    ...options,
  });
}
