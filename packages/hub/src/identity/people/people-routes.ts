import {
  AcceptLinkSchema,
  CreatedLinkSchema,
  CreateFirstAdminSchema,
  InvitationListSchema,
  InvitePersonSchema,
  LinkSchema,
  PersonListSchema,
  PersonSchema,
  ShowLinkSchema,
  SignInMethodsSchema,
  UpdatePersonSchema,
} from "@fairlead/protocol/rest";
import Type from "typebox";
import type { HubApp } from "../../http/app.ts";
import { noContent, problems } from "../../http/route-schemas.ts";
import type { PeopleDomain } from "./create-people.ts";

const tags = ["people"];
const config = { permission: "user.manage" } as const;
const params = Type.Object({ person: Type.String({ minLength: 1, description: "Id or e-mail address." }) });
const invitationParams = Type.Object({ invitation: Type.Integer({ minimum: 1 }) });
const SignInNameSchema = Type.Object({ email: Type.String({ description: "To sign in with." }) });

/** `/api/v1/people`, and the links that let people in. */
export function peopleRoutes(app: HubApp, domain: PeopleDomain): void {
  personRoutes(app, domain);
  invitationRoutes(app, domain);
  linkRoutes(app, domain);
}

function personRoutes(app: HubApp, { people }: PeopleDomain): void {
  app.get(
    "/api/v1/people",
    {
      config,
      schema: { tags, summary: "All people, by e-mail address", response: { 200: PersonListSchema, ...problems } },
    },
    async () => ({ items: await people.list() }),
  );
  app.get(
    "/api/v1/people/:person",
    { config, schema: { tags, summary: "A person", params, response: { 200: PersonSchema, ...problems } } },
    async ({ params: { person } }) => await people.get(person),
  );
  app.patch(
    "/api/v1/people/:person",
    {
      config,
      schema: {
        tags,
        summary: "Rename, disable or enable a person",
        description: "Somebody who is disabled is signed out everywhere at once, and loses all API tokens.",
        params,
        body: UpdatePersonSchema,
        response: { 200: PersonSchema, ...problems },
      },
    },
    async ({ params: { person }, body, caller }) => await people.update(person, body, caller),
  );
  const actions = [
    ["/api/v1/people/:person", "Remove a person and all sessions", "remove"],
    ["/api/v1/people/:person/sessions", "Sign a person out everywhere", "signOutEverywhere"],
    [
      "/api/v1/people/:person/second-factors",
      "Take TOTP, recovery codes and passkeys away, and sign out everywhere",
      "resetSecondFactors",
    ],
  ] as const;
  for (const [url, summary, action] of actions) {
    app.delete(
      url,
      { config, schema: { tags, summary, params, response: { 204: noContent, ...problems } } },
      async ({ params: { person }, caller }, reply) => {
        await people[action](person, caller);
        return reply.code(204).send(null);
      },
    );
  }
  app.post(
    "/api/v1/people/:person/password-link",
    {
      config,
      schema: {
        tags,
        summary: "Make a link with which the person chooses a new password",
        params,
        response: { 201: CreatedLinkSchema, ...problems },
      },
    },
    async ({ params: { person }, caller }, reply) => reply.code(201).send(await people.passwordLink(person, caller)),
  );
}

function invitationRoutes(app: HubApp, { people }: PeopleDomain): void {
  app.get(
    "/api/v1/invitations",
    {
      config,
      schema: { tags, summary: "Invitations not used yet", response: { 200: InvitationListSchema, ...problems } },
    },
    async () => ({ items: await people.invitations() }),
  );
  app.post(
    "/api/v1/invitations",
    {
      config,
      schema: {
        tags,
        summary: "Invite a person",
        description: "No mail is sent: the answer holds the link, this once. A second invitation replaces the first.",
        body: InvitePersonSchema,
        response: { 201: CreatedLinkSchema, ...problems },
      },
    },
    async ({ body, caller }, reply) => reply.code(201).send(await people.invite(body, caller)),
  );
  app.delete(
    "/api/v1/invitations/:invitation",
    {
      config,
      schema: {
        tags,
        summary: "Take an invitation back",
        params: invitationParams,
        response: { 204: noContent, ...problems },
      },
    },
    async ({ params: { invitation } }, reply) => {
      await people.removeInvitation(invitation);
      return reply.code(204).send(null);
    },
  );
}

/** For those who have no session yet: the link's secret lets them in. */
function linkRoutes(app: HubApp, { people, signIn, oidc }: PeopleDomain): void {
  const open = { access: "open" } as const;
  app.get(
    "/api/v1/sign-in-methods",
    { config: open, schema: { tags, summary: "Ways to sign in", response: { 200: SignInMethodsSchema, ...problems } } },
    () => ({ oidc: oidc?.name ?? null }),
  );
  app.post(
    "/api/v1/first-admin",
    {
      config: open,
      schema: {
        tags,
        summary: "Make the first admin",
        description: "With the link that a hub without people prints at its start.",
        body: CreateFirstAdminSchema,
        response: { 201: SignInNameSchema, ...problems },
      },
    },
    async ({ body, raw }, reply) => {
      signIn.countCall(raw);
      await people.createFirstAdmin(body);
      return reply.code(201).send({ email: body.email });
    },
  );
  app.post(
    "/api/v1/links/show",
    {
      config: open,
      schema: { tags, summary: "What a link is for", body: ShowLinkSchema, response: { 200: LinkSchema, ...problems } },
    },
    async ({ body, raw }) => {
      signIn.countCall(raw);
      return await people.showLink(body.token);
    },
  );
  app.post(
    "/api/v1/links/accept",
    {
      config: open,
      schema: {
        tags,
        summary: "Come in by an invitation, or choose a new password",
        body: AcceptLinkSchema,
        response: { 200: SignInNameSchema, ...problems },
      },
    },
    async ({ body, raw }) => {
      signIn.countCall(raw);
      return { email: await people.acceptLink(body) };
    },
  );
}
