import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Me, Person } from "@fairlead/protocol/rest";
import {
  cleanEnvironment,
  fairleadBin,
  type HubProgram,
  startHub,
  startProgram,
  totpCode,
  untilStepLasts,
} from "@fairlead/testkit";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addAuthenticator, type BrowserPerson, newPerson, startBrowser } from "./browser.ts";

const EMAIL = "ada@example.com";
const PASSWORD = "four words and a horse";

let hub: HubProgram;
let browser: Browser;
/** By name: cookies and passkeys are for a host. */
let url: string;
let person: BrowserPerson;
let page: Page;

beforeAll(async () => {
  [hub, browser] = await Promise.all([startHub(), startBrowser()]);
  url = hub.url.replace("127.0.0.1", "localhost");
  person = await newPerson(browser);
  ({ page } = person);
});
afterAll(async () => {
  await browser?.close();
  await hub?.stop();
});

/** A call with the cookies of a browser, or with the hub's own token. */
async function api<T>(path: string, by: Page | "token" = page): Promise<T> {
  if (by === "token") {
    const response = await fetch(`${hub.url}/api/v1${path}`, { headers: { authorization: `Bearer ${hub.token}` } });
    return (await response.json()) as T;
  }
  return (await by.evaluate(async (at) => (await fetch(`/api/v1${at}`)).json(), path)) as T;
}

async function fillPassword(on: Page, password = PASSWORD): Promise<void> {
  await on.goto(`${url}/sign-in`);
  await on.fill("input[name=email]", EMAIL);
  await on.fill("#password-form input[name=password]", password);
  await on.click("#password-form button[type=submit]");
}

async function signOut(on: Page): Promise<void> {
  await on.goto(`${url}/account`);
  await on.click("#sign-out");
  await on.waitForURL(/\/sign-in/);
}

test("the link that a fresh hub prints makes the first admin, once", async () => {
  const [link = ""] = await hub.waitForLine(/http:\/\/\S+\/first-admin#\S+/);
  await page.goto(link);
  await page.fill("input[name=name]", "Ada Lovelace");
  expect(page.url()).not.toContain("#");
  await page.fill("input[name=email]", EMAIL);
  await page.fill("input[name=password]", "passwordpassword");
  await page.click("button[type=submit]");
  await page.waitForSelector("#note");
  expect(await page.textContent("#note")).toContain("one of the first that are tried");

  await page.fill("input[name=password]", PASSWORD);
  await page.click("button[type=submit]");
  await page.waitForURL(`${url}/`);
  await page.goto(`${url}/account`);
  await expect.poll(() => page.textContent("#name")).toBe("Ada Lovelace");
  const me = await api<Me>("/me");
  expect(me).toMatchObject({ kind: "person", name: EMAIL, person: { signIn: ["password"], twoFactor: false } });

  await using second = await newPerson(browser);
  await second.page.goto(link);
  await second.page.fill("input[name=name]", "Eve");
  await second.page.fill("input[name=email]", "eve@example.com");
  await second.page.fill("input[name=password]", PASSWORD);
  await second.page.click("button[type=submit]");
  await expect.poll(() => second.page.textContent("#note")).toContain("used already");
  expect((await api<{ items: Person[] }>("/people", "token")).items).toHaveLength(1);
});

test("one signs out and in again; a wrong password is refused; scripts do not see the cookie", async () => {
  await signOut(page);
  await fillPassword(page, "not the password at all");
  await expect.poll(() => page.textContent("#note")).toContain("E-mail address or password is wrong");
  await fillPassword(page);
  await page.waitForURL(`${url}/`);
  const cookie = (await person.context.cookies()).find(({ name }) => name.endsWith("session_token"));
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", secure: false });
  expect(await page.evaluate("document.cookie")).toBe("");
});

test("an authenticator app is set up and asked for; a recovery code takes its place once", async () => {
  await page.goto(`${url}/account`);
  await page.fill("#totp-form input[name=password]", PASSWORD);
  await page.click("#totp-form button[type=submit]");
  await page.waitForSelector("#totp-setup");
  await expect.poll(() => page.evaluate("document.querySelector('#totp-picture').naturalWidth")).toBeGreaterThan(0);
  const secret = (await page.textContent("#totp-secret")) ?? "";
  const [recoveryCode = ""] = ((await page.textContent("#recovery-codes")) ?? "").split("\n");
  await untilStepLasts();
  await page.fill("#totp-confirm-form input[name=code]", totpCode(secret, -1));
  await page.click("#totp-confirm-form button");
  await page.waitForSelector("#totp-on");
  await signOut(page);

  await fillPassword(page);
  await page.waitForSelector("#code-step");
  // Not in yet.
  expect(await page.evaluate(async () => (await fetch("/api/v1/me")).status)).toBe(401);
  await page.fill("#code-form input", "000000");
  await page.click("#code-form button");
  await expect.poll(() => page.textContent("#note")).toContain("code is wrong");
  await page.fill("#code-form input", totpCode(secret));
  await page.click("#code-form button");
  await page.waitForURL(`${url}/`);
  await signOut(page);

  for (const works of [true, false]) {
    await fillPassword(page);
    await page.waitForSelector("#code-step");
    await page.click("#to-recovery");
    await page.fill("#recovery-form input", recoveryCode);
    await page.click("#recovery-form button");
    if (works) {
      await page.waitForURL(`${url}/`);
      await signOut(page);
    } else await expect.poll(() => page.textContent("#note")).toContain("recovery code is wrong");
  }

  await fillPassword(page);
  await page.waitForSelector("#code-step");
  await page.fill("#code-form input", totpCode(secret, 1));
  await page.click("#code-form button");
  await page.waitForURL(`${url}/`);
});

test("a passkey is added and signs in by itself", async () => {
  await addAuthenticator(person);
  await page.goto(`${url}/account`);
  await page.fill("#passkey-form input", "This laptop");
  await page.click("#passkey-form button");
  await expect.poll(() => page.textContent("#passkeys")).toContain("This laptop");
  await signOut(page);

  await page.click("#passkey");
  await page.waitForURL(`${url}/`);
  expect(await api<Me>("/me")).toMatchObject({ name: EMAIL, passkeys: [{ name: "This laptop" }] });
});

test("a passkey whose device did not check the person opens nothing", async () => {
  await signOut(page);
  // What a page of somebody else's making would ask of the device.
  await page.route("**/passkey/generate-authenticate-options", async (route) => {
    const response = await route.fetch();
    const options = (await response.json()) as Record<string, unknown>;
    await route.fulfill({ response, json: { ...options, userVerification: "discouraged" } });
  });
  await page.click("#passkey");
  await expect.poll(() => page.textContent("#note")).toContain("did not ask for a fingerprint");
  expect(await page.evaluate(async () => (await fetch("/api/v1/me")).status)).toBe(401);
  await page.unroute("**/passkey/generate-authenticate-options");
  await page.click("#passkey");
  await page.waitForURL(`${url}/`);
});

test("fairlead login lets a person in the browser decide", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-login-"));
  try {
    const env = { ...cleanEnvironment(), XDG_CONFIG_HOME: folder };
    await using login = await startProgram(fairleadBin, ["login", hub.url, "--browser"], { env });
    const [link = ""] = await login.waitForLine(/http:\/\/\S+\/device#\S+/);
    await page.goto(link);
    await page.waitForSelector("#decide-step");
    expect(link).toContain((await page.textContent("#user-code")) ?? "none");
    await page.click("#allow");
    await page.waitForSelector("#done-step");
    expect((await login.exited).code).toBe(0);
    const config = JSON.parse(await readFile(join(folder, "fairlead", "config.json"), "utf8")) as {
      hubs: Record<string, { token: string }>;
    };
    const token = config.hubs[hub.url]?.token ?? "";
    const me = await fetch(`${hub.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(await me.json()).toMatchObject({ kind: "token", name: expect.stringMatching(/^device: /) as string });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a program that is refused gets nothing; one who is not signed in signs in first", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-login-"));
  try {
    const env = { ...cleanEnvironment(), XDG_CONFIG_HOME: folder };
    await using login = await startProgram(fairleadBin, ["login", hub.url, "--browser"], { env });
    const [link = ""] = await login.waitForLine(/http:\/\/\S+\/device#\S+/);
    await signOut(page);
    await page.goto(link);
    await page.waitForURL(/\/sign-in\?next=/);
    await page.click("#passkey");
    await page.waitForURL(/\/device/);
    await page.click("#deny");
    await page.waitForSelector("#done-step");
    expect((await login.exited).code).toBe(1);
    await expect(readFile(join(folder, "fairlead", "config.json"))).rejects.toThrow("ENOENT");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("signing out everywhere ends the other browsers too", async () => {
  await using other = await newPerson(browser);
  await other.context.addCookies(await person.context.cookies());
  await other.page.goto(`${url}/account`);
  await expect.poll(() => other.page.textContent("#email")).toBe(EMAIL);
  await page.goto(`${url}/account`);
  await page.waitForSelector("#sessions li");
  await page.click("#sign-out-everywhere");
  // Both go there by themselves, this one by its click or since its stream ended, whichever is first.
  await page.waitForURL(/\/sign-in/);
  await other.page.waitForURL(/\/sign-in/);
});

test("no page broke its content security policy", () => {
  expect(person.complaints).toEqual([]);
});
