import { once } from "node:events";
import { connect } from "node:net";
import { ErrorBodySchema } from "@fairlead/protocol/rest";
import type { LightMyRequestResponse } from "fastify";
import Type from "typebox";
import { Value } from "typebox/value";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MAX_JSON_BODY_BYTES } from "./app.ts";
import { type AppFixture, appFixture } from "./app-fixture.ts";
import { listen } from "./server.ts";

let hub: AppFixture;
beforeAll(async () => {
  hub = await appFixture((app) => {
    app.get(
      "/test/broken",
      { config: { permission: "authenticated" }, schema: { querystring: Type.Object({ n: Type.Integer() }) } },
      () => {
        throw new Error("a secret detail");
      },
    );
  });
});
afterAll(() => hub.stop());

interface Shown {
  code: string;
  message: string;
  details?: Record<string, unknown>;
}

function problem(response: LightMyRequestResponse, status: number): Shown {
  expect(response.statusCode).toBe(status);
  expect(response.headers["content-type"]).toBe("application/json; charset=utf-8");
  const body: unknown = response.json();
  expect(Value.Check(ErrorBodySchema, body)).toBe(true);
  expect(Object.keys(body as object).filter((key) => !["code", "message", "details"].includes(key))).toEqual([]);
  return body as Shown;
}

const post = (payload: string, contentType = "application/json"): Promise<LightMyRequestResponse> =>
  hub.request({
    method: "POST",
    url: "/api/v1/environments",
    payload,
    headers: { authorization: `Bearer ${hub.token}`, "content-type": contentType },
  });

describe("a body", () => {
  test.each([
    ["{}", "name", "The field name of the body is missing."],
    ["", "name", "The field name of the body is missing."],
    ["[]", "body", "The body must be object."],
    ['{"name": 7}', "name", "The field name of the body must be string, not 7."],
    ['{"name": "a b"}', "name", /must match pattern .*, not "a b"\./],
    ['{"name": "12"}', "name", /must match pattern .*, not "12"\./],
    ['{"name": "a", "kind": "x"}', "kind", 'must be one of "edge", "standard", "direct", "socket", not "x".'],
    ['{"name": "a", "colour": "red"}', "colour", "The field colour of the body is not a field that is known here."],
    ['{"name": "a", "labels": {"x": 1}}', "labels.x", "The field labels.x of the body must be string, not 1."],
    ['{"name": "a", "tls": {"skipVerify": "no"}}', "tls.skipVerify", "must be boolean"],
    ['{"name": "a", "kind": "direct"}', "address", "The address does not fit"],
    ['{"name": "a", "kind": "direct", "address": "x"}', "address", "Allowed: tcp://host:2375"],
    ['{"name": "a", "token": "t"}', "token", "kind standard, not edge"],
    ['{"name": "a", "tls": {}}', "tls", "has no TLS settings"],
    ['{"name": "a', "body", "The body cannot be read"],
    ['{"name": "a", "__proto__": {}}', "body", "The body cannot be read"],
  ])("%s names the field %s", async (body, field, message) => {
    const shown = problem(await post(body), 400);
    expect(shown.code).toBe("bad_request");
    expect(shown.details).toEqual({ field });
    if (typeof message === "string") expect(shown.message).toContain(message);
    else expect(shown.message).toMatch(message);
  });

  test("over the limit is refused with 413 that names it", async () => {
    const shown = problem(await post(JSON.stringify({ name: "x".repeat(MAX_JSON_BODY_BYTES) })), 413);
    expect(shown).toMatchObject({ code: "payload_too_large", details: { limitBytes: MAX_JSON_BODY_BYTES } });
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/xml"])(
    "of type %s is 415",
    async (type) => {
      const shown = problem(await post("name=a", type), 415);
      expect(shown.code).toBe("unsupported_media_type");
      expect(shown.message).toContain(type);
    },
  );
});

describe("a query or path", () => {
  test("is converted, and refused when it cannot be", async () => {
    const shown = problem(await hub.request({ url: "/test/broken?n=many" }), 400);
    expect(shown).toMatchObject({ code: "bad_request", details: { field: "n" } });
    expect(shown.message).toBe('The field n of the query must be integer, not "many".');
    problem(await hub.request({ method: "DELETE", url: "/api/v1/tokens/x" }), 400);
  });

  test("that is not valid percent-encoding is 400", async () => {
    expect(problem(await hub.request({ url: "/api/v1/environments/%zz" }), 400).code).toBe("bad_request");
  });

  test("that is too long is 400", async () => {
    problem(await hub.request({ url: `/api/v1/environments/${"x".repeat(5000)}` }), 400);
  });
});

test("what is not there is 404", async () => {
  expect(problem(await hub.request({ url: "/api/v1/nothing" }), 404).code).toBe("not_found");
  const shown = problem(await hub.request({ url: "/api/v1/environments/nobody" }), 404);
  expect(shown).toMatchObject({ code: "not_found", details: { environment: "nobody" } });
});

test("another method is 405 and says which there are", async () => {
  const response = await hub.request({ method: "PUT", url: "/api/v1/environments/a?x=1" });
  expect(problem(response, 405).code).toBe("method_not_allowed");
  expect(String(response.headers.allow).split(", ").toSorted()).toEqual(["DELETE", "GET", "HEAD", "PATCH"]);
});

test("a defect is told with its request id and nothing else", async () => {
  const response = await hub.request({ url: "/test/broken?n=1" });
  const shown = problem(response, 500);
  expect(shown.code).toBe("internal");
  expect(response.body).not.toContain("secret detail");
  expect(shown.details).toEqual({ requestId: response.headers["x-request-id"] });
});

describe("on a socket", () => {
  async function say(bytes: string): Promise<{ head: string; body: string }> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.write(bytes);
    let text = "";
    for await (const chunk of socket.setEncoding("utf8")) text += String(chunk);
    const [head = "", body = ""] = text.split("\r\n\r\n");
    return { head, body };
  }
  let port = 0;
  beforeAll(async () => {
    ({ port } = await listen(hub.app.server, "127.0.0.1", 0));
  });
  afterAll(() => {
    hub.app.server.closeAllConnections();
    hub.app.server.close();
  });

  test("what is not HTTP is told so", async () => {
    const { head, body } = await say("\x16\x03\x01 not HTTP\r\n\r\n");
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(JSON.parse(body)).toMatchObject({ code: "bad_request" });
  });

  test("a head of 200 kB is taken, one over the limit is 431", async () => {
    const get = (bytes: number): string =>
      `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Big: ${"x".repeat(bytes)}\r\n\r\n`;
    expect((await say(get(200_000))).head).toMatch(/^HTTP\/1\.1 200 /);
    const { head, body } = await say(get(300_000));
    expect(head).toMatch(/^HTTP\/1\.1 431 /);
    expect(JSON.parse(body)).toMatchObject({ code: "payload_too_large" });
  });
});
