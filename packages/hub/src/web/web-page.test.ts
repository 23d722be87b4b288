import { join } from "node:path";
import type { TempDir } from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, type HubFixture, startHubFixture } from "../http/hub-fixture.ts";
import { webFolderFixture } from "./web-folder-fixture.ts";

const HTML = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

let folder: TempDir;
let hub: HubFixture;

beforeAll(async () => {
  folder = await webFolderFixture();
  hub = await startHubFixture({ webFolder: folder.path });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await folder.stop();
});

const get = (path: string, headers: Record<string, string> = HTML): Promise<Answer> =>
  hub.call("GET", path, { headers });
const codeOf = ({ body }: Answer): string => (JSON.parse(body) as { code: string }).code;

describe("paths of the page", () => {
  test.each([
    "/",
    "/environments/7/containers",
    "/sign-in",
    "/first-admin",
    "/invitation",
    "/device?code=x",
    "/account",
  ])("%s is the page, for everybody", async (path) => {
    const { status, headers, body } = await get(path);
    expect([status, body]).toEqual([200, "<!doctype html><title>Fairlead</title>"]);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "cross-origin-opener-policy": "same-origin",
      "x-frame-options": "DENY",
    });
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self';");
    expect(policy).not.toMatch(/unsafe-eval|script-src [^;]*unsafe-inline|https?:/);
    const etag = headers.etag ?? "";
    expect(await get(path, { ...HTML, "if-none-match": etag })).toMatchObject({ status: 304, body: "" });
  });

  test("its head can be asked for alone", async () => {
    expect(await hub.call("HEAD", "/environments", { headers: HTML })).toMatchObject({ status: 200, body: "" });
  });

  test("what a program asks for is not there, and not told to those without a token", async () => {
    const authorization = `Bearer ${hub.token}`;
    for (const path of ["/environments", "/favicon.ico", "/.vite/manifest.json", "/.secret.json"]) {
      expect((await get(path, { accept: "*/*" })).status, path).toBe(401);
      expect((await get(path, { accept: "*/*", authorization })).status, path).toBe(404);
    }
  });

  test.each(["/api", "/api/v1/nothing", "/api/v1/links/show", "/healthz/x", "/metrics"])("%s is none", async (path) => {
    expect(codeOf(await get(path))).toBe("unauthenticated");
  });

  test("what changes something goes nowhere", async () => {
    expect((await hub.call("POST", "/environments", { headers: HTML })).status).toBe(401);
    const { status, headers } = await hub.call("POST", "/", { token: hub.token });
    expect([status, headers["allow"]]).toEqual([405, "GET, HEAD"]);
  });
});

describe("files of the page", () => {
  test.each([
    ["br, gzip", "br", "brotli"],
    ["gzip", "gzip", "gzip"],
    ["identity", undefined, "plain"],
  ])("for who accepts %s", async (accepted, encoding, content) => {
    const { status, headers, body } = await get("/assets/index-abc.js", { "accept-encoding": accepted });
    expect([status, headers["content-encoding"], body]).toEqual([200, encoding, content]);
    expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(headers["content-type"]).toMatch(/^\w+\/javascript/);
    expect(headers["vary"]).toMatch(/accept-encoding/i);
    expect(headers["content-security-policy"]).toContain("script-src 'self'");
  });

  test("what is not compressed comes as it is", async () => {
    const { status, headers, body } = await get("/assets/font-abc.woff2", { "accept-encoding": "br, gzip" });
    expect([status, headers["content-encoding"], body]).toEqual([200, undefined, "font"]);
  });

  test("the icon is asked for again each time", async () => {
    const { status, headers } = await get("/icon.svg", {});
    expect([status, headers["content-type"], headers["cache-control"]]).toEqual([200, "image/svg+xml", "no-cache"]);
  });

  test.each(["/assets/x", "/assets/index-abc.js/x", "/assets/.hidden"])("%s is 404", async (path) => {
    const answer = await get(path);
    expect([answer.status, codeOf(answer)]).toEqual([404, "not_found"]);
  });

  test.each(["/assets/..%2findex.html", "/assets/%2e%2e/index.html", "/assets/../.secret.json"])(
    "%s leads nowhere else",
    async (path) => {
      const { status, body } = await get(path, {});
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body).not.toContain("doctype");
    },
  );
});

test("it adds its own routes, all open, and takes the place of the pages to sign in", async () => {
  await using without = await startHubFixture();
  const texts = ({ routes }: HubFixture): string[] =>
    routes
      .map(({ method, url, permission }) => `${method} ${url} ${permission}`)
      .filter((text) => text.startsWith("GET"));
  const [before, after] = [texts(without), texts(hub)];
  expect(after.filter((text) => !before.includes(text)).toSorted()).toEqual([
    "GET / open",
    "GET /assets/* open",
    "GET /icon.svg open",
  ]);
  const pages = /^GET \/(sign-in|first-admin|invitation|device|account|pages\/\S+) open$|^GET \/ authenticated$/;
  expect(before.filter((text) => !after.includes(text) && !pages.test(text))).toEqual([]);
  expect(after.filter((text) => pages.test(text))).toEqual([]);
});

test("without a page that was built / asks who it is", async () => {
  await using without = await startHubFixture({ webFolder: join(folder.path, "not-there") });
  const answer = await without.call("GET", "/", { headers: HTML });
  expect([answer.status, answer.headers["www-authenticate"]]).toEqual([401, expect.stringMatching(/^Basic /)]);
  expect((await without.call("GET", "/environments", { headers: HTML })).status).toBe(401);
});
