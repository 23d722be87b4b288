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
      config: open,
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
      config: open,
      schema: {
        tags,
        summary: "Whether the person has decided, and the token if so",
        body: PollDeviceLoginSchema,
        response: { 200: DeviceLoginResultSchema, ...problems },
      },
    },
    async ({ body, raw }) => {
      signIn.countCall(raw);
      return await devices.poll(body.deviceCode);
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
      config,
      schema: {
        tags,
        summary: "Let a program in, or not",
        description: "By a person who is signed in: a token lets nobody in.",
        body: DecideDeviceLoginSchema,
        response: { 204: noContent, ...problems },
      },
    },
    async ({ body, raw, caller }, reply) => {
      signIn.countCall(raw);
      if (caller.kind !== "person" || caller.personId === null) {
        throw new FairleadError("forbidden", "Only a person who is signed in can let a program in.");
      }
      await devices.decide(body.userCode, caller.personId, body.allow);
      return reply.code(204).send(null);
    },
  );
}
