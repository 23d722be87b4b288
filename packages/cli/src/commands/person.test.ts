import { fairleadBin, type HubProgram, runCommand, startHub, type TempDir, tempDir } from "@fairlead/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const EMAIL = "ada@example.com";

let hub: HubProgram;
let home: TempDir;
beforeAll(async () => {
  [hub, home] = await Promise.all([startHub(), tempDir()]);
});
afterAll(async () => {
  await hub?.stop();
  await home?.stop();
});

async function fairlead(...args: string[]) {
  const env = {
    HOME: home.path,
    XDG_CONFIG_HOME: undefined,
    XDG_DATA_HOME: undefined,
    FAIRLEAD_URL: hub.url,
    FAIRLEAD_API_TOKEN: hub.token,
  };
  const { code, stdout, stderr } = await runCommand(fairleadBin, args, { env });
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
}

async function rows<T>(...args: string[]): Promise<T[]> {
  const { stdout } = await fairlead(...args, "--json");
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

test("a person is invited, comes in, gets and loses roles, is disabled, enabled and removed", async () => {
  const invited = await fairlead("person", "invite", EMAIL, "--role", "viewer", "--label", "site=attic");
  const [link = ""] = /http:\S+/.exec(invited.stdout) ?? [];
  expect(invited.stdout).toContain(`Give ${EMAIL} this link, shown this once`);
  const token = new URL(link).hash.slice(1);
  const accepted = await fetch(`${hub.url}/api/v1/links/accept`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, name: "Ada Lovelace", password: "four words and a horse" }),
  });
  expect(accepted.status).toBe(200);
  expect(await rows("person", "list")).toMatchObject([{ email: EMAIL, name: "Ada Lovelace", signIn: ["password"] }]);
  expect((await fairlead("person", "ls")).stdout).toMatch(/ada@example\.com +Ada Lovelace +password +never +enabled/);

  const viewer = { role: "viewer", scope: { type: "label", name: "site", value: "attic" } };
  expect(await rows("person", "roles", EMAIL)).toEqual([viewer]);
  const granted = await fairlead("person", "grant", EMAIL, "--role", "operator");
  expect(granted.stdout).toBe(`${EMAIL} is operator now, everywhere.\n`);
  expect(await rows("person", "roles", EMAIL)).toEqual([viewer, { role: "operator", scope: { type: "all" } }]);
  await fairlead("person", "ungrant", EMAIL, "--role", "viewer");
  expect((await fairlead("person", "roles", EMAIL)).stdout).toMatch(/^ROLE +WHERE\noperator +everywhere\n$/);

  for (const [verb, text] of [
    ["disable", "Disabled"],
    ["enable", "Enabled"],
    ["sign-out", "Signed out"],
    ["reset-second-factors", "Reset the second factors of"],
  ] as const) {
    expect(await fairlead("person", verb, EMAIL)).toEqual({ code: 0, stdout: `${text} ${EMAIL}.\n`, stderr: "" });
  }
  expect((await fairlead("person", "password-link", EMAIL)).stdout).toMatch(/\/invitation#[\w-]{43}\n$/);
  expect((await fairlead("person", "remove", EMAIL)).stdout).toBe(`Removed ${EMAIL}.\n`);
  const again = await fairlead("person", "remove", EMAIL);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("There is no person") as string]);
});

test("whoami says who one is to the hub", async () => {
  expect((await fairlead("whoami")).stdout).toBe(`API token 'bootstrap' of the hub's own at ${hub.url}\n`);
});

test("a login without a terminal reads the token, as it did", async () => {
  const env = { HOME: home.path, XDG_CONFIG_HOME: home.path };
  const { code, stdout } = await runCommand(fairleadBin, ["login", hub.url], { env, input: hub.token });
  expect([code, stdout.toString()]).toEqual([0, expect.stringContaining(`Logged in to ${hub.url}`) as string]);
});
