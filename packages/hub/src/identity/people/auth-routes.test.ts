import { request } from "node:http";
import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import { expect, test } from "vitest";
import { authRoutes } from "./auth-routes.ts";
import type { PeopleDomain } from "./create-people.ts";
import type { SignInAnswer, SignInCall } from "./sign-in.ts";

// Without what the hub's app refuses before its routes.

test("an endpoint goes by its own name, however the target of the request is written", async () => {
  const paths: string[] = [];
  const call = ({ path }: SignInCall): Promise<SignInAnswer> => {
    paths.push(path);
    return Promise.resolve({ status: 200, headers: {}, cookies: [], body: null });
  };
  const app = Fastify();
  const domain = { signIn: { call }, checkOrigin: () => undefined } as unknown as PeopleDomain;
  authRoutes(app, domain);
  await app.listen({ host: "127.0.0.1", port: 0 });
  try {
    const { port } = app.server.address() as AddressInfo;
    for (const path of ["/email", "/email?x", "/email#x", "/email?x#/y", "/email#x?y", "/%65mail"]) {
      const options = { host: "127.0.0.1", port, method: "POST", path: `/api/auth/sign-in${path}`, agent: false };
      await new Promise<void>((resolve, reject) => {
        const sent = request(options, (response) => response.resume().on("end", resolve));
        sent.on("error", reject).end();
      });
    }
  } finally {
    await app.close();
  }
  expect(paths).toEqual(Array.from({ length: 6 }, () => "/sign-in/email"));
});
