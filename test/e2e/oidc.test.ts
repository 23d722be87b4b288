import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Me, Person } from "@fairlead/protocol/rest";
import { type HubProgram, startHub } from "@fairlead/testkit";
import Provider from "oidc-provider";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BrowserPerson, newPerson, startBrowser } from "./browser.ts";

/** What the provider says of the accounts that sign in, by their names there. */
const claims: Record<string, Record<string, unknown>> = {
  grace: { email: "grace@example.com", email_verified: true, name: "Grace Hopper", groups: ["operators", "cooks"] },
  mallory: { email: "taken@example.com", email_verified: false, name: "Mallory", groups: ["admins"] },
};

let provider: Server;
let issuer: string;
let hub: HubProgram;
let url: string;
let browser: Browser;

beforeAll(async () => {
  provider = createServer();
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  issuer = `http://localhost:${(provider.address() as AddressInfo).port}`;
  [hub, browser] = await Promise.all([
    startHub({
      env: {
        FAIRLEAD_OIDC_ISSUER: issuer,
        FAIRLEAD_OIDC_CLIENT_ID: "fairlead",
        FAIRLEAD_OIDC_CLIENT_SECRET: "a-secret-of-the-tests",
        FAIRLEAD_OIDC_NAME: "Example ID",
        FAIRLEAD_OIDC_SCOPES: "openid email profile groups",
        FAIRLEAD_OIDC_ROLES: "admins=admin,operators=operator",
      },
    }),
    startBrowser(),
  ]);
  url = hub.url.replace("127.0.0.1", "localhost");
  const oidc = new Provider(issuer, {
    clients: [
      {
        client_id: "fairlead",
        client_secret: "a-secret-of-the-tests",
        redirect_uris: [`${url}/api/auth/callback/oidc`],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    scopes: ["openid", "email", "profile", "groups"],
    pkce: { required: () => true },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...claims[id] }) }),
  });
  provider.on("request", oidc.callback());
});
afterAll(async () => {
  await browser?.close();
  await hub?.stop();
  provider?.closeAllConnections();
  provider?.close();
});

/** Signs in at the provider, whose pages ask for a name and any password, and for consent the first time. */
async function signInAs(page: Page, name: string, from = "/sign-in"): Promise<void> {
  await page.goto(url + from);
  await page.click("#oidc");
  await page.waitForURL(`${issuer}/interaction/**`);
  await page.fill("input[name=login]", name);
  await page.fill("input[name=password]", "any");
  await page.click("button[type=submit]");
  const consent = page.locator("form button[type=submit]");
  await page.waitForLoadState();
  if (page.url().startsWith(issuer)) await consent.click();
  await page.waitForURL((at) => at.origin === url);
}

async function me(page: Page): Promise<Me> {
  return (await page.evaluate(async () => (await fetch("/api/v1/me")).json())) as Me;
}

/** What the person may do: asked of the routes, as everybody else is. */
async function mayAdd(page: Page): Promise<number> {
  return await page.evaluate(async () => (await fetch("/api/v1/people")).status);
}

async function hubCall<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${hub.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${hub.token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

test("a provider's person comes in, with the roles of their groups as they are at each sign-in", async () => {
  await using person: BrowserPerson = await newPerson(browser);
  const { page } = person;
  await signInAs(page, "grace");
  await page.waitForURL(`${url}/`);
  await page.goto(`${url}/account`);
  await expect.poll(() => page.textContent("#name")).toBe("Grace Hopper");
  const first = await me(page);
  expect(first).toMatchObject({ name: "grace@example.com", person: { signIn: ["oidc"], name: "Grace Hopper" } });
  expect(await mayAdd(page)).toBe(403);

  claims["grace"] = { ...claims["grace"], groups: ["admins"] };
  await using again: BrowserPerson = await newPerson(browser);
  await signInAs(again.page, "grace");
  expect((await me(again.page)).id).toBe(first.id);
  expect(await mayAdd(again.page)).toBe(200);

  claims["grace"] = { ...claims["grace"], groups: [] };
  await using last: BrowserPerson = await newPerson(browser);
  await signInAs(last.page, "grace");
  expect(await mayAdd(last.page)).toBe(403);
  expect(person.complaints).toEqual([]);
});

test("the page that asked for the sign-in comes back after it", async () => {
  await using person: BrowserPerson = await newPerson(browser);
  await signInAs(person.page, "grace", `/sign-in?next=${encodeURIComponent("/device#BCDF-GHJK")}`);
  await person.page.waitForURL(`${url}/device#BCDF-GHJK`);
});

test("an address of somebody here opens nothing, and is not linked", async () => {
  const { url: link } = await hubCall<{ url: string }>("POST", "/invitations", { email: "taken@example.com" });
  const token = new URL(link).hash.slice(1);
  await hubCall("POST", "/links/accept", { token, name: "Owner", password: "quite another long one" });
  await using person: BrowserPerson = await newPerson(browser);
  await signInAs(person.page, "mallory");
  await expect.poll(() => person.page.textContent("#note")).toContain("signs in another way");
  expect(await person.page.evaluate(async () => (await fetch("/api/v1/me")).status)).toBe(401);
  const { items } = await hubCall<{ items: Person[] }>("GET", "/people");
  expect(items.find(({ email }) => email === "taken@example.com")).toMatchObject({
    signIn: ["password"],
    name: "Owner",
  });
});

test("somebody who is disabled does not come in by the provider either, and is out at once", async () => {
  await using person: BrowserPerson = await newPerson(browser);
  await signInAs(person.page, "grace");
  await hubCall("PATCH", "/people/grace@example.com", { disabled: true });
  expect(await person.page.evaluate(async () => (await fetch("/api/v1/me")).status)).toBe(401);
  await using again: BrowserPerson = await newPerson(browser);
  await signInAs(again.page, "grace");
  expect(await again.page.evaluate(async () => (await fetch("/api/v1/me")).status)).toBe(401);
});
