import type { CreatedEnvironment, Environment, Person, RoleBinding } from "@fairlead/protocol/rest";
import { startAgent } from "@fairlead/testkit";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newPerson } from "./browser.ts";
import { WebStage } from "./web-stage.ts";

const PASSWORD = "a horse and four words";

let web: WebStage;
let page: Page;

beforeAll(async () => {
  web = await WebStage.open({ engine: { network: true } });
  page = web.admin.page;
});
afterAll(async () => {
  await web?.[Symbol.asyncDispose]();
});

const dialog = (): Locator => page.getByRole("dialog");
/** The last of that name: the cross in the corner is called Close, too. */
const inDialog = (name: string): Locator => dialog().getByRole("button", { name, exact: true }).last();
const button = (name: string): Locator => page.getByRole("button", { name, exact: true });
/** A secret that is shown once; closes the dialog that shows it. */
async function takeSecret(what: string): Promise<string> {
  const secret = (await dialog().getByLabel(what, { exact: true }).textContent()) ?? "";
  await inDialog("I have it").click();
  await dialog().waitFor({ state: "detached" });
  return secret;
}
/** Chooses a line of a list that opens. */
async function choose(list: Locator, line: string): Promise<void> {
  await list.click();
  await page.getByRole("option", { name: line, exact: true }).click();
}

describe("people", () => {
  let link: string;
  let person: Awaited<ReturnType<typeof newPerson>>;

  const inMenu = async (item: string): Promise<void> => {
    await button("What can be done to Vera").click();
    await page.getByRole("menuitem", { name: item, exact: true }).click();
  };
  const vera = async (): Promise<Person | undefined> => {
    const { items } = await web.stage.api<{ items: Person[] }>("GET", "/people");
    return items.find(({ email }) => email === "vera@example.com");
  };
  const signIn = async (): Promise<void> => {
    await person.page.goto(`${web.url}/sign-in`);
    await person.page.fill("input[name=email]", "vera@example.com");
    await person.page.fill("input[name=password]", PASSWORD);
    await person.page.click("button[type=submit]");
  };

  test("one who is invited comes in by the link, with the roles of the invitation", async () => {
    await page.goto(`${web.url}/settings/people`);
    await button("Invite a person").click();
    await dialog().getByRole("textbox", { name: "E-mail address" }).fill("vera@example.com");
    await inDialog("Make the invitation").click();
    link = await takeSecret("the link");
    await page.getByText("vera@example.com").waitFor();

    person = await newPerson(web.browser);
    await person.page.goto(link);
    await person.page.fill("input[name=name]", "Vera");
    await person.page.fill("input[name=password]", PASSWORD);
    await person.page.click("button[type=submit]");
    await person.page.waitForURL(`${web.url}/`);
    expect(await vera()).toMatchObject({ name: "Vera", disabled: false });
    await person.page.getByRole("heading", { name: "Fleet" }).waitFor();
  });

  test("roles are changed", async () => {
    await page.reload();
    await inMenu("Change roles");
    await choose(dialog().getByRole("combobox", { name: "Role 1", exact: true }), "operator");
    await dialog().getByRole("button", { name: /^Save/ }).click();
    await dialog().waitFor({ state: "detached" });
    const id = (await vera())?.id ?? "";
    const { items } = await web.stage.api<{ items: RoleBinding[] }>("GET", `/people/${id}/roles`);
    expect(items).toEqual([{ role: "operator", scope: { type: "all" } }]);
    await page.getByText("operator everywhere").waitFor();
  });

  test("one who is disabled is out at once, and comes in again when enabled", async () => {
    await inMenu("Disable");
    await inDialog("Disable").click();
    await person.page.waitForURL(/\/sign-in/);
    await page.getByText("disabled", { exact: true }).waitFor();
    await signIn();
    await expect.poll(() => person.page.textContent("#note")).not.toBe("");
    expect(person.page.url()).toContain("/sign-in");
    await inMenu("Enable");
    await expect.poll(async () => (await vera())?.disabled).toBe(false);
    await signIn();
    await person.page.waitForURL(`${web.url}/`);
  });

  test("a link gives a new password, and whoever is removed is gone", async () => {
    await page.reload();
    await inMenu("Link for a new password");
    expect(await takeSecret("the link")).toMatch(/^http:\/\/localhost:\d+\/\S+#\S+$/);
    await inMenu("Remove");
    await inDialog("Remove the person").click();
    await expect.poll(vera).toBeUndefined();
    await person.page.waitForURL(/\/sign-in/);
    await person[Symbol.asyncDispose]();
  });
});

test("a token does what its roles allow, until it is revoked", async () => {
  await page.goto(`${web.url}/settings/tokens`);
  await button("New token").click();
  await dialog().getByRole("textbox", { name: "Name", exact: true }).fill("backup");
  await inDialog("Make the token").click();
  const token = await takeSecret("the API token");
  const ask = async (method: string, path: string): Promise<number> =>
    (await fetch(`${web.url}/api/v1${path}`, { method, headers: { authorization: `Bearer ${token}` } })).status;
  expect(await ask("GET", "/environments")).toBe(200);
  expect(await ask("GET", "/audit")).toBe(403);
  await button("Revoke backup").click();
  await inDialog("Revoke the token").click();
  await expect.poll(() => ask("GET", "/environments")).toBe(401);
  await button("Revoke backup").waitFor({ state: "detached" });
});

test("a role of one's own is made, changed and removed", async () => {
  const permissions = async (): Promise<string[] | undefined> => {
    const { items } = await web.stage.api<{ items: { name: string; permissions: string[] }[] }>("GET", "/roles");
    return items.find(({ name }) => name === "watcher")?.permissions.toSorted();
  };
  await page.goto(`${web.url}/settings/roles`);
  await button("New role").click();
  await dialog().getByRole("textbox", { name: "Name", exact: true }).fill("watcher");
  await dialog().getByRole("checkbox", { name: "container.view" }).check();
  await dialog().getByRole("checkbox", { name: "container.logs" }).check();
  await inDialog("Save the role").click();
  await dialog().waitFor({ state: "detached" });
  expect(await permissions()).toEqual(["container.logs", "container.view"]);

  await page.getByRole("button", { name: /^watcher/ }).click();
  await button("Change").click();
  await dialog().getByRole("checkbox", { name: "container.logs" }).uncheck();
  await inDialog("Save the role").click();
  await dialog().waitFor({ state: "detached" });
  expect(await permissions()).toEqual(["container.view"]);

  await button("Remove").click();
  await inDialog("Remove the role").click();
  await expect.poll(permissions).toBeUndefined();
});

describe("the agent's way in", () => {
  const environment = (): Promise<Environment> => web.stage.api<Environment>("GET", "/environments/attic");

  test("a rotated token is used by the agent, and the page sees it arrive", async () => {
    await web.stage.api<CreatedEnvironment>("POST", "/environments", { name: "attic", kind: "edge" });
    await page.goto(`${web.url}/environments/attic?tab=manage`);
    await button("Rotate the token").click();
    await inDialog("Rotate the token").click();
    await dialog().getByRole("tab", { name: "fairlead agent" }).click();
    const lines = (await dialog().locator("pre").first().textContent()) ?? "";
    const [token = ""] = /\bTOKEN='?([\w-]+)/.exec(lines)?.slice(1) ?? [];
    const { engine, agentUrl } = web.stage;
    web.stage.keep(await startAgent({ serverUrl: agentUrl, token, dockerSocket: engine.socketPath }));
    await dialog().getByText("attic is connected").waitFor();
    await inDialog("Close").click();
    expect((await environment()).link.state).toBe("up");
  });

  test("a join key is made, listed and revoked; a revoked token ends the connection", async () => {
    await button("New join key").click();
    await inDialog("Make a join key").click();
    await dialog().locator("pre").first().waitFor();
    await inDialog("Close").click();
    await button("Revoke the open ones").click();
    await inDialog("Revoke 1 join key").click();
    await expect.poll(() => button("Revoke the open ones").getAttribute("aria-disabled")).toBe("true");

    await button("Revoke the token").click();
    await inDialog("Revoke the token").click();
    await expect.poll(async () => (await environment()).link.state).toBe("down");
    await page
      .getByText(/^Not connected/)
      .first()
      .waitFor();
  });
});

test("a container is connected to a network and disconnected from it", async () => {
  const { engine } = web.stage;
  await engine.dockerOk(["network", "create", "back"]);
  await engine.dockerOk(["run", "-d", "--init", "--name", "web", "busybox", "sleep", "100000"]);
  const aliases = (): Promise<string> =>
    engine.dockerOk(["inspect", "--format", "{{with .NetworkSettings.Networks.back}}{{.Aliases}}{{end}}", "web"]);
  await web.stage.addEdge("cellar");
  const id = await engine.dockerOk(["network", "inspect", "--format", "{{.Id}}", "back"]);
  await page.goto(`${web.url}/environments/cellar/networks/${id.slice(0, 12)}`);
  await button("Connect").click();
  await choose(dialog().getByRole("combobox", { name: "Container" }), "web (running)");
  await dialog().getByRole("textbox", { name: "Aliases" }).fill("shop");
  await inDialog("Connect web").click();
  await page.getByRole("table", { name: "Containers on back" }).getByText("running").waitFor();
  expect(await aliases()).toContain("shop");
  await button("Disconnect web").click();
  await dialog()
    .getByRole("button", { name: /^Disconnect/ })
    .click();
  await page.getByText("No container belongs to this network.").waitFor();
  expect(await aliases()).toBe("");
});

test("the audit log has it all, and is intact", async () => {
  await page.goto(`${web.url}/settings/audit`);
  const log = page.getByRole("table", { name: "Audit log" });
  for (const action of ["token.revoke", "role.update", "role.remove"]) {
    await page.getByRole("textbox", { name: "What" }).fill(action);
    await log.getByText(action, { exact: true }).first().waitFor();
  }
  await button("Verify").click();
  await dialog().getByText("none was changed, moved or removed").waitFor();
});

test("the page complained of nothing", () => {
  expect(web.admin.complaints).toEqual([]);
});
