import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AppFixture, appFixture } from "./app-fixture.ts";
import { Authentication, clientAddress } from "./authentication.ts";

let hub: AppFixture;
let gate: Authentication;
beforeAll(async () => {
  hub = await appFixture();
});
beforeEach(() => {
  gate = new Authentication(hub.tokens, { trustProxy: true });
});
afterAll(() => hub.stop());

function request(headers: Record<string, string>, url = "/"): IncomingMessage {
  const made = new IncomingMessage(new Socket());
  return Object.assign(made, { url, headers });
}

async function outcome(made: IncomingMessage, places?: "query-token" | "browser"): Promise<string> {
  return await gate.identify(made, places).then(
    ({ name }) => name,
    (error: { code: string }) => error.code,
  );
}

const bearer = (secret: string, address = "192.0.2.1"): IncomingMessage =>
  request({ authorization: `Bearer ${secret}`, "x-forwarded-for": address });
const basic = (secret: string): IncomingMessage =>
  request({ authorization: `Basic ${Buffer.from(`any:${secret}`).toString("base64")}` });

describe("a token", () => {
  test("is taken from the Authorization header everywhere", async () => {
    for (const places of [undefined, "query-token", "browser"] as const) {
      expect(await outcome(bearer(hub.token), places)).toBe("bootstrap");
    }
    expect(await outcome(request({ authorization: `bearer   ${hub.token}` }))).toBe("bootstrap");
    expect(await outcome(request({}))).toBe("unauthenticated");
    expect(await outcome(request({ authorization: "Bearer" }))).toBe("unauthenticated");
    expect(await outcome(request({ authorization: hub.token }))).toBe("unauthenticated");
  });

  test("is taken from the query only where no header can be sent", async () => {
    const inQuery = request({}, `/x?a=b&access_token=${hub.token}`);
    expect(await outcome(inQuery, "query-token")).toBe("bootstrap");
    expect(await outcome(inQuery)).toBe("unauthenticated");
    expect(await outcome(inQuery, "browser")).toBe("unauthenticated");
  });

  test("is taken as a password only on pages", async () => {
    expect(await outcome(basic(hub.token), "browser")).toBe("bootstrap");
    expect(await outcome(basic("wrong"), "browser")).toBe("unauthenticated");
    expect(await outcome(basic(hub.token))).toBe("unauthenticated");
  });
});

describe("failures", () => {
  async function failUntilLimited(address: string): Promise<number> {
    for (let failures = 0; failures < 100; failures += 1) {
      if ((await outcome(bearer(`wrong-${failures}`, address))) === "rate_limited") return failures;
    }
    throw new Error("Never limited");
  }

  test("are limited by address, and hurt no other", async () => {
    expect(await failUntilLimited("192.0.2.1")).toBe(20);
    expect(await outcome(bearer("wrong", "192.0.2.2"))).toBe("unauthenticated");
    expect(await outcome(bearer("wrong", "192.0.2.1"))).toBe("rate_limited");
    const error: unknown = await gate.identify(bearer("wrong", "192.0.2.1")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ details: { retryAfterSeconds: expect.any(Number) as number } });
  });

  test("do not lock out who is in already at that address", async () => {
    expect(await outcome(bearer(hub.token))).toBe("bootstrap");
    await failUntilLimited("192.0.2.1");
    expect(await outcome(bearer(hub.token))).toBe("bootstrap");
  });

  test("of one IPv6 network count together", async () => {
    await failUntilLimited("2001:db8::1");
    expect(await outcome(bearer("wrong", "2001:db8::2"))).toBe("rate_limited");
    expect(await outcome(bearer("wrong", "2001:db8:0:1::2"))).toBe("unauthenticated");
  });

  test("without any token do not count", async () => {
    for (let time = 0; time < 50; time += 1) {
      expect(await outcome(request({ "x-forwarded-for": "192.0.2.1" }))).toBe("unauthenticated");
    }
    expect(await outcome(bearer("wrong"))).toBe("unauthenticated");
  });

  test("are answered 429 with Retry-After, 401 with a challenge", async () => {
    const headers = { authorization: "Bearer wrong" };
    const first = await hub.request({ url: "/api/v1", headers });
    expect([first.statusCode, first.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="Fairlead"']);
    const page = await hub.request({ url: "/", headers: {} });
    expect(page.headers["www-authenticate"]).toMatch(/^Basic /);
    let limited = first;
    for (let time = 0; time < 30 && limited.statusCode !== 429; time += 1) {
      limited = await hub.request({ url: "/api/v1", headers });
    }
    expect(limited.json()).toMatchObject({ code: "rate_limited" });
    expect(Number(limited.headers["retry-after"])).toBeGreaterThan(0);
  });
});

test("the address is the proxy's word only when it is trusted, and then its last word", () => {
  const made = request({ "x-forwarded-for": "1.1.1.1, 192.0.2.7" });
  Object.defineProperty(made.socket, "remoteAddress", { value: "10.0.0.1" });
  expect(clientAddress(made, true)).toBe("192.0.2.7");
  expect(clientAddress(made, false)).toBe("10.0.0.1");
});
