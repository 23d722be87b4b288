import { type HubProgram, startAgent } from "@fairlead/testkit";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BrowserPerson, newPerson } from "./browser.ts";
import { WebStage } from "./web-stage.ts";

/** A busy machine takes its time; what is waited for comes, or the test fails. */
const WAIT_MS = 60_000;
/** Ends at once when it is asked to, so that a stop takes no grace. */
const SLEEP = ["--init", "--network", "none", "busybox", "sleep", "100000"];

let web: WebStage;
let page: Page;

beforeAll(async () => {
  web = await WebStage.open();
  web.admin.context.setDefaultTimeout(WAIT_MS);
  page = web.admin.page;
});

afterAll(async () => {
  await web?.[Symbol.asyncDispose]();
});

const engine = (...args: string[]): Promise<string> => web.stage.engine.dockerOk(args);
const stateOf = (name: string): Promise<string> => engine("inspect", "--format", "{{.State.Status}}", name);

/** Marks the page as it is loaded now: {@link isSamePage} tells whether it was loaded anew since. */
const markPage = (of: Page): Promise<unknown> => of.evaluate("globalThis.notLoadedSince = true");
const isSamePage = (of: Page): Promise<boolean> => of.evaluate("globalThis.notLoadedSince === true");

/** The one row of the table that holds the container. */
const rowOf = (of: Page, name: string, host = "attic"): Locator =>
  of.getByRole("row", { name: `${name} on ${host}`, exact: true });

/** Opens the menu of a container's row and gives a line of it. */
async function inMenuOf(of: Page, name: string, action: string, host = "attic"): Promise<Locator> {
  await of.getByRole("button", { name: `Actions of ${name} on ${host}`, exact: true }).click();
  return of.getByRole("menuitem", { name: action, exact: true });
}

async function act(of: Page, name: string, action: string): Promise<void> {
  await (await inMenuOf(of, name, action)).click();
}

/** Why a button is off: what it is described by while it is pointed at or has the focus. */
async function reasonOf(button: Locator): Promise<string> {
  let id: string | null = null;
  await expect.poll(async () => (id = await button.getAttribute("aria-describedby"))).not.toBeNull();
  const tooltip = button
    .page()
    .getByRole("tooltip")
    .and(button.page().locator(`[id="${id}"]`));
  await tooltip.waitFor();
  return (await tooltip.textContent()) ?? "";
}

/** What the page complained of; the browser itself tells of the stream of somebody who is not signed in, or whose hub is away. */
const complaintsOf = ({ complaints }: BrowserPerson): string[] =>
  complaints.filter((text) => !/^WebSocket connection to .* failed/.test(text));

describe("signing in", () => {
  test("a wrong password is said to be wrong, and the right one leads to the page that was wanted", async () => {
    await using somebody = await newPerson(web.browser);
    const { page: own } = somebody;
    await own.goto(`${web.url}/containers`);
    await own.getByRole("textbox", { name: "E-mail address" }).fill("ada@example.com");
    await own.getByRole("textbox", { name: "Password" }).fill("four words and a mule");
    await own.getByRole("button", { name: "Sign in", exact: true }).click();
    const note = own.getByRole("alert");
    await note.waitFor();
    expect(await note.textContent()).toBe("E-mail address or password is wrong.");
    await own.getByRole("textbox", { name: "Password" }).fill("four words and a horse");
    await own.getByRole("button", { name: "Sign in", exact: true }).click();
    await own.getByRole("heading", { name: "Containers", level: 1 }).waitFor();
    expect(new URL(own.url()).pathname).toBe("/containers");
    expect(complaintsOf(somebody)).toEqual([]);
  });
});

test("an environment is added by clicks, and its host is seen to arrive", async () => {
  await markPage(page);
  await page.getByRole("button", { name: "Add an environment" }).first().click();
  const form = page.getByRole("dialog", { name: "Add an environment" });
  await form.getByLabel("Name").fill("attic");
  await form.getByRole("button", { name: "Add the environment" }).click();

  const added = page.getByRole("dialog", { name: "attic is added" });
  await added.getByText("Waiting for the agent of attic").waitFor();
  await added.getByRole("tab", { name: "fairlead agent" }).click();
  const lines = (await added.getByLabel("the lines for fairlead agent", { exact: true }).textContent()) ?? "";
  const [, serverUrl = "", joinKey = ""] =
    /^FAIRLEAD_SERVER_URL=(\S+) FAIRLEAD_JOIN_KEY=(\S+) fairlead agent$/.exec(lines) ?? [];
  expect(joinKey, lines).not.toBe("");

  const { socketPath: dockerSocket } = web.stage.engine;
  web.stage.keep(await startAgent({ serverUrl, dockerSocket, env: { FAIRLEAD_JOIN_KEY: joinKey } }));
  await added.getByText("The agent of attic is connected, and its engine answers.").waitFor();
  await added.getByRole("link", { name: "To attic" }).click();
  await page.getByRole("heading", { name: "attic", level: 1 }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/environments/attic");
  await page.getByRole("status").filter({ hasText: /^Up/ }).waitFor();
  expect(await isSamePage(page)).toBe(true);
});

test("the command palette leads to a page by its name, and Back leaves the palette behind", async () => {
  const palette = page.getByRole("dialog", { name: "Search" });
  await page.keyboard.press("Control+k");
  await palette.getByRole("combobox").fill("containers");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Containers", level: 1 }).waitFor();
  await palette.waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  await palette.waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "attic", level: 1 }).waitFor();
  await palette.waitFor({ state: "detached" });
});

describe("the life of a container", () => {
  test("by the table of containers, from its creation to its removal", async () => {
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Containers" }).click();
    await page.getByRole("searchbox", { name: "Filter containers" }).fill("web-1 state:created,running,exited");
    await markPage(page);
    await engine("create", "--name", "other", ...SLEEP);
    await engine("create", "--name", "web-1", ...SLEEP);
    const row = rowOf(page, "web-1");
    await row.getByText("Created").waitFor();
    expect(await page.getByRole("table", { name: "Containers" }).getByText("other").count()).toBe(0);

    await act(page, "web-1", "Start");
    await row.getByText(/^Up /).waitFor();
    expect(await stateOf("web-1")).toBe("running");

    await act(page, "web-1", "Stop");
    await row.getByText(/^Exited \(143\)/).waitFor();
    expect(await stateOf("web-1")).toBe("exited");

    await act(page, "web-1", "Remove");
    const question = page.getByRole("dialog", { name: "Remove 1 container" });
    await question.getByRole("listitem").getByText("web-1 on attic").waitFor();
    await question.getByRole("button", { name: "Cancel" }).click();
    await question.waitFor({ state: "hidden" });
    expect(await stateOf("web-1")).toBe("exited");

    await act(page, "web-1", "Remove");
    await question.getByRole("button", { name: "Remove 1 container" }).click();
    await row.waitFor({ state: "detached" });
    expect(await engine("ps", "-a", "--format", "{{.Names}}")).toBe("other");
    expect(await isSamePage(page)).toBe(true);
  });

  test("by its own page, with what happens at the engine seen as well", async () => {
    await page.getByRole("searchbox", { name: "Filter containers" }).fill("other");
    await page.getByRole("link", { name: "other", exact: true }).click();
    await page.getByRole("heading", { name: "other", level: 1 }).waitFor();
    await markPage(page);
    const content = page.getByRole("main");
    const button = (name: string): Locator => content.getByRole("button", { name, exact: true });
    const more = async (name: string): Promise<void> => {
      await button("More actions on other").click();
      await page.getByRole("menuitem", { name, exact: true }).click();
    };

    await button("Start").click();
    await button("Stop").waitFor();
    expect(await stateOf("other")).toBe("running");
    await more("Pause");
    await content
      .getByText(/\(Paused\)/)
      .first()
      .waitFor();
    expect(await stateOf("other")).toBe("paused");
    await button("Unpause").click();
    await button("Stop").waitFor();
    expect(await stateOf("other")).toBe("running");

    const startedAt = (): Promise<string> => engine("inspect", "--format", "{{.State.StartedAt}}", "other");
    const before = await startedAt();
    await button("Restart").click();
    await expect.poll(startedAt).not.toBe(before);
    await button("Stop").click();
    await button("Start").waitFor();
    expect(await stateOf("other")).toBe("exited");

    await engine("start", "other");
    await button("Stop").waitFor();

    await more("Remove");
    const question = page.getByRole("dialog", { name: "Remove other on attic?" });
    await question.getByText("It is running: it is killed first").waitFor();
    await question.getByRole("button", { name: "Remove other", exact: true }).click();
    await content.getByText("This container was removed").waitFor();
    expect(await engine("ps", "-a", "--format", "{{.Names}}")).toBe("");
    expect(await isSamePage(page)).toBe(true);
  });
});

describe("what is forbidden", () => {
  let vera: BrowserPerson;

  beforeAll(async () => {
    await engine("create", "--name", "kept", ...SLEEP);
    vera = await web.person("Vera", [{ role: "viewer", scope: { type: "all" } }]);
    vera.context.setDefaultTimeout(WAIT_MS);
  });

  /** What the page asked to be done; what only reads is left out. */
  const asked: string[] = [];
  const watch = (of: Page): void => {
    of.on("request", (request) => {
      if (request.method() !== "GET") asked.push(`${request.method()} ${request.url()}`);
    });
  };

  test("a viewer's buttons are off, say which permission is missing, and do nothing", async () => {
    const { page: own } = vera;
    watch(own);
    await own.goto(`${web.url}/containers`);
    const item = await inMenuOf(own, "kept", "Start");
    expect(await item.getAttribute("aria-disabled")).toBe("true");
    await item.hover({ force: true });
    expect(await reasonOf(item)).toContain("it needs container.start on attic");
    await item.click({ force: true });
    await own.keyboard.press("Escape");

    await own.getByRole("link", { name: "kept", exact: true }).click();
    const start = own.getByRole("main").getByRole("button", { name: "Start", exact: true });
    // By keys: who does not point reads the reason as well.
    await own.getByRole("button", { name: "More actions on kept" }).focus();
    await own.keyboard.press("Shift+Tab");
    await own.keyboard.press("Shift+Tab");
    expect(await start.getAttribute("aria-disabled")).toBe("true");
    expect(await reasonOf(start)).toContain("it needs container.start on attic");
    await own.keyboard.press("Enter");
    await start.click({ force: true });

    expect(complaintsOf(vera)).toEqual([]);
    // What a click would have sent is sent before this question.
    await own.evaluate("fetch('/api/v1/me').then((response) => response.text())");
    expect(asked).toEqual([]);
    expect(await stateOf("kept")).toBe("created");
  });

  test("an admin's buttons are off where the host's policy is read-only, and say so", async () => {
    await web.stage.addEdge("cellar", { POLICY: "read-only" });
    await page.goto(`${web.url}/containers?q=host:cellar`);
    watch(page);
    const item = await inMenuOf(page, "kept", "Start", "cellar");
    expect(await item.getAttribute("aria-disabled")).toBe("true");
    await item.hover({ force: true });
    expect(await reasonOf(item)).toBe("The host's policy is read-only.");
    await item.click({ force: true });
    await page.keyboard.press("Escape");
    // The same engine by a host without a policy: nothing but the policy holds it back.
    await page.getByRole("searchbox", { name: "Filter containers" }).fill("host:attic");
    expect(await (await inMenuOf(page, "kept", "Start")).getAttribute("aria-disabled")).toBeNull();
    await page.keyboard.press("Escape");
    expect(asked).toEqual([]);
    expect(await stateOf("kept")).toBe("created");
  });
});

test("the page lives through an end of the hub, and says so while it is away", async () => {
  await page.goto(`${web.url}/containers?q=state:running`);
  await page.getByText("No container matches").waitFor();
  await markPage(page);
  const { hub } = web.stage;
  await end(hub);
  const banner = page.getByRole("status").getByText("The hub stopped answering");
  await banner.waitFor();
  await engine("run", "-d", "--name", "while-away", ...SLEEP);

  await hub.restart();
  await banner.waitFor({ state: "detached" });
  await rowOf(page, "while-away").getByText(/^Up /).waitFor();
  await web.stage.online("attic");
  await engine("run", "-d", "--name", "afterwards", ...SLEEP);
  await rowOf(page, "afterwards").getByText(/^Up /).waitFor();
  await engine("rm", "-f", "while-away");
  await rowOf(page, "while-away").waitFor({ state: "detached" });
  await act(page, "afterwards", "Kill");
  await page.getByRole("dialog").getByRole("button", { name: "Kill 1 container" }).click();
  await expect.poll(() => stateOf("afterwards")).toBe("exited");
  expect(await isSamePage(page)).toBe(true);
});

/** Ends it in order, as a service manager does, and leaves its data. */
async function end(hub: HubProgram): Promise<void> {
  hub.signal("SIGTERM");
  await hub.exited;
}

test("the page complained of nothing", () => {
  expect(complaintsOf(web.admin)).toEqual([]);
});
