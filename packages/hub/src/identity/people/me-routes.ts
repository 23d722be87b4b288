import { FairleadError } from "@fairlead/protocol";
import { MeSchema } from "@fairlead/protocol/rest";
import Type from "typebox";
import type { Caller } from "../../access/caller.ts";
import type { HubApp } from "../../http/app.ts";
import { noContent, problems } from "../../http/route-schemas.ts";
import type { PeopleDomain } from "./create-people.ts";

const tags = ["people"];
const config = { permission: "authenticated" } as const;
const params = Type.Object({ session: Type.String({ minLength: 1, maxLength: 128 }) });

/** `/api/v1/me`: who one is, and one's own sessions. */
export function meRoutes(app: HubApp, { people, sessions }: PeopleDomain): void {
  app.get(
    "/api/v1/me",
    { config, schema: { tags, summary: "Who makes this request", response: { 200: MeSchema, ...problems } } },
    async ({ caller }) => {
      const { kind, id, name, personId } = caller;
      if (personId === null) return { kind, id, name, person: null, passkeys: [], sessions: [] };
      return {
        kind,
        id,
        name,
        person: await people.get(personId),
        passkeys: await people.passkeys(personId),
        sessions: await sessions.list(personId, caller.sessionId),
      };
    },
  );
  app.delete(
    "/api/v1/me/sessions",
    { config, schema: { tags, summary: "Sign out everywhere, here too", response: { 204: noContent, ...problems } } },
    async ({ caller }, reply) => {
      await sessions.endAll(personOf(caller));
      return reply.code(204).send(null);
    },
  );
  app.delete(
    "/api/v1/me/sessions/:session",
    { config, schema: { tags, summary: "Sign out one session", params, response: { 204: noContent, ...problems } } },
    async ({ params: { session }, caller }, reply) => {
      if (!(await sessions.endOne(personOf(caller), session))) {
        throw new FairleadError("not_found", `You have no session with the id ${session}.`);
      }
      return reply.code(204).send(null);
    },
  );
}

/** @throws FairleadError forbidden for a token that is nobody's. */
function personOf({ personId, name }: Caller): string {
  if (personId !== null) return personId;
  throw new FairleadError("forbidden", `The API token ${name} is not a person's and has no sessions.`);
}
