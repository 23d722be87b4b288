import { FairleadError } from "@fairlead/protocol";
import {
  DecideDeviceLoginSchema,
  DeviceLoginResultSchema,
  DeviceLoginSchema,
  DeviceRequestQuerySchema,
  DeviceRequestSchema,
  PollDeviceLoginSchema,
  StartDeviceLoginSchema,
} from "@fairlead/protocol/rest";
import type { IncomingMessage } from "node:http";
import type { HubApp } from "../../http/app.ts";
import { noContent, problems } from "../../http/route-schemas.ts";
import type { PeopleDomain } from "./create-people.ts";
import { personActor } from "./person-actor.ts";

const tags = ["access"];
const config = { permission: "authenticated" } as const;
const open = { access: "open" } as const;

/** `/api/v1/device`: a program gets an API token when a person lets it in. */
export function deviceRoutes(
  app: HubApp,
  { devices, signIn }: PeopleDomain,
  addressOf: (request: IncomingMessage) => string,
): void {
  app.post(
    "/api/v1/device/start",
    {
      config: { ...open, audit: false },
      schema: {
        tags,
        summary: "Ask to be let in by a person",
        description: "The device authorization of RFC 8628, in JSON.",
        body: StartDeviceLoginSchema,
        response: { 200: DeviceLoginSchema, ...problems },
      },
    },
    async ({ body, raw }) => {
      signIn.countCall(raw);
      return await devices.start(body.hostname, addressOf(raw));
    },
  );
  app.post(
    "/api/v1/device/poll",
    {
      config: { ...open, audit: false },
      schema: {
        tags,
        summary: "Whether the person has decided, and the token if so",
        body: PollDeviceLoginSchema,
        response: { 200: DeviceLoginResultSchema, ...problems },
      },
    },
    async (request) => {
      signIn.countCall(request.raw);
      const polled = await devices.poll(request.body.deviceCode);
      if (polled.status !== "approved") return polled;
      const { personId, ...result } = polled;
      // Asking changes nothing, but this one made a token.
      const actor = personActor({ id: personId, email: result.email });
      request.audited = { action: "token.create", actor, target: result.tokenName };
      return result;
    },
  );
  app.get(
    "/api/v1/device",
    {
      config,
      schema: {
        tags,
        summary: "What asks under a code",
        querystring: DeviceRequestQuerySchema,
        response: { 200: DeviceRequestSchema, ...problems },
      },
    },
    async ({ query, raw }) => {
      signIn.countCall(raw);
      return await devices.show(query.code);
    },
  );
  app.post(
    "/api/v1/device/decide",
    {
      config: { ...config, audit: "device-login.decide" },
      schema: {
        tags,
        summary: "Let a program in, or not",
        description: "By a person who is signed in: a token lets nobody in.",
        body: DecideDeviceLoginSchema,
        response: { 204: noContent, ...problems },
      },
    },
    async (request, reply) => {
      const { body, raw, caller } = request;
      signIn.countCall(raw);
      if (caller.kind !== "person" || caller.personId === null) {
        throw new FairleadError("forbidden", "Only a person who is signed in can let a program in.");
      }
      const { hostname } = await devices.show(body.userCode);
      request.audited = { action: `device-login.${body.allow ? "allow" : "deny"}`, target: hostname };
      await devices.decide(body.userCode, caller.personId, body.allow);
      return reply.code(204).send(null);
    },
  );
}
