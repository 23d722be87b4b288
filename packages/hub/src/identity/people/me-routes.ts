import { FairleadError } from "@fairlead/protocol";
import { MeSchema } from "@fairlead/protocol/rest";
import Type from "typebox";
import type { Caller } from "../../access/caller.ts";
import { effectiveGrants } from "../../access/effective-grants.ts";
import type { EnvironmentService } from "../../environments/service.ts";
import type { HubApp } from "../../http/app.ts";
import { noContent, problems } from "../../http/route-schemas.ts";
import type { PeopleDomain } from "./create-people.ts";

const tags = ["people"];
const config = { permission: "authenticated" } as const;
const params = Type.Object({ session: Type.String({ minLength: 1, maxLength: 128 }) });

export interface MeRouteParts extends Pick<PeopleDomain, "people" | "sessions"> {
  readonly environments: Pick<EnvironmentService, "list">;
}

/** `/api/v1/me`: who one is, what one may, and one's own sessions. */
export function meRoutes(app: HubApp, { people, sessions, environments }: MeRouteParts): void {
  app.get(
    "/api/v1/me",
    {
      config,
      schema: {
        tags,
        summary: "Who makes this request, and what they may do",
        response: { 200: MeSchema, ...problems },
      },
    },
    async ({ caller }) => {
      const { kind, id, name, personId } = caller;
      const person = personId === null ? null : await people.get(personId);
      const grants = effectiveGrants(caller, caller.limits === undefined ? [] : await environments.list());
      // How a person comes in is not for a program, however narrow its token.
      if (kind !== "person" || personId === null) {
        return { kind, id, name, person, grants, passkeys: [], sessions: [] };
      }
      return {
        kind,
        id,
        name,
        person,
        grants,
        passkeys: await people.passkeys(personId),
        sessions: await sessions.list(personId, caller.sessionId),
      };
    },
  );
  app.delete(
    "/api/v1/me/sessions",
    {
      config: { ...config, audit: "sign-out" },
      schema: { tags, summary: "Sign out everywhere, here too", response: { 204: noContent, ...problems } },
    },
    async ({ caller }, reply) => {
      await sessions.endAll(personOf(caller));
      return reply.code(204).send(null);
    },
  );
  app.delete(
    "/api/v1/me/sessions/:session",
    {
      config: { ...config, audit: "sign-out" },
      schema: { tags, summary: "Sign out one session", params, response: { 204: noContent, ...problems } },
    },
    async ({ params: { session }, caller }, reply) => {
      if (!(await sessions.endOne(personOf(caller), session))) {
        throw new FairleadError("not_found", `You have no session with the id ${session}.`);
      }
      return reply.code(204).send(null);
    },
  );
}

/** @throws FairleadError forbidden for a token, a person's too: it was not given to sign the person out. */
function personOf({ kind, personId, name }: Caller): string {
  if (kind === "person" && personId !== null) return personId;
  throw new FairleadError(
    "forbidden",
    `The API token ${name} has no sessions. Only a person who is signed in can sign out.`,
  );
}
