import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebStage } from "./web-stage.ts";

/** A busy machine takes its time; what is waited for comes, or the test fails. */
const WAIT_MS = 60_000;

let web: WebStage;
let page: Page;

beforeAll(async () => {
  web = await WebStage.open();
  web.admin.context.setDefaultTimeout(WAIT_MS);
  page = web.admin.page;
  await web.stage.addEdge("attic");
  const command = ["run", "-d", "--name", "web-1", "--init", "--network", "none", "busybox", "sleep", "100000"];
  await web.stage.engine.dockerOk(command);
});

afterAll(async () => {
  await web?.[Symbol.asyncDispose]();
});

/** What the shell in the panel that is looked at wrote; each line ends where the screen's does. */
const panel = (): Locator => page.getByRole("tabpanel").last();
const screen = (): Locator => panel().locator(".xterm-rows");

/** The lines of the screen, without what fills them up. */
async function lines(): Promise<string[]> {
  const all = await screen().locator("> div").allTextContents();
  return all.map((line) => line.replaceAll("\u00a0", " ").trimEnd());
}

/** The shells in the container, by their process ids. */
async function shells(): Promise<string[]> {
  const all = await web.stage.engine.dockerOk(["top", "web-1", "-eo", "pid,comm"]);
  return [...all.matchAll(/^ *(\d+) +(?:ba)?sh$/gm)].map(([, id = ""]) => id);
}

/** Types into the terminal that is looked at, once the page has given it the focus by itself. */
async function type(text: string): Promise<void> {
  const input = panel().getByRole("textbox", { name: "Terminal input" });
  await expect.poll(() => input.evaluate((element) => element.matches(":focus"))).toBe(true);
  await page.keyboard.type(text);
  await page.keyboard.press("Enter");
}

/** Asks the shell how large its terminal is: `mark` makes the answer that of this question. */
async function askSize(mark: string): Promise<{ rows: number; columns: number }> {
  await type(`echo ${mark}=$(stty size)=`);
  const answer = new RegExp(`^${mark}=(\\d+) (\\d+)=$`);
  let found: RegExpExecArray | undefined | null;
  await expect
    .poll(async () => {
      found = (await lines()).map((line) => answer.exec(line)).find((match) => match !== null);
      return found !== undefined;
    })
    .toBe(true);
  return { rows: Number(found?.[1]), columns: Number(found?.[2]) };
}

test("a terminal of a container answers, and follows the size of the window", async () => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${web.url}/environments/attic/containers/web-1`);
  await page.getByRole("tab", { name: "Terminal" }).click();
  await page.getByRole("button", { name: "Open the terminal" }).click();
  await page.getByRole("tab", { name: "Running: 1: bash or sh" }).waitFor();
  await type("echo $((6*7))");
  await expect.poll(lines).toContain("42");

  const wide = await askSize("wide");
  await page.setViewportSize({ width: 800, height: 600 });
  await expect.poll(async () => (await lines()).length).toBeLessThan(wide.rows);
  let asked = 0;
  const now = (): Promise<{ rows: number; columns: number }> => askSize(`now${(asked += 1)}`);
  await expect.poll(async () => (await now()).columns).toBeLessThan(wide.columns);
  const small = await now();
  expect(small.rows).toBeLessThan(wide.rows);
  expect(small.rows).toBe((await lines()).length);

  await page.setViewportSize({ width: 1280, height: 800 });
  await expect.poll(now).toEqual(wide);
});

test("it runs on while another page is looked at, and is found by both pages of it", async () => {
  await type("export LEFT=behind; clear");
  await expect.poll(async () => (await lines()).join("")).not.toContain("42");
  const pages = page.getByRole("navigation", { name: "Pages" });
  await pages.getByRole("link", { name: "Events" }).click();
  await page.getByRole("heading", { name: "Events", level: 1 }).waitFor();
  await pages.getByLabel("1 open").waitFor();

  await pages.getByRole("link", { name: "Terminals" }).click();
  await page.getByRole("tab", { name: "Running: web-1" }).click();
  await type("echo was=$LEFT");
  await expect.poll(lines).toContain("was=behind");

  await panel().getByRole("link", { name: "web-1" }).click();
  await page.getByRole("tab", { name: "Terminal" }).click();
  await page.getByRole("tab", { name: "Running: 1: bash or sh" }).waitFor();
  expect(await lines()).toContain("was=behind");
});

test("the exit code of its program is told, and another one can be started", async () => {
  await page.getByRole("tab", { name: "Running: 1: bash or sh" }).click();
  await type("exit 7");
  const status = panel().getByRole("status");
  await status.getByText("The program ended with exit code 7.").waitFor();
  expect((await lines()).some((line) => line.endsWith("The program ended with exit code 7."))).toBe(true);
  await status.getByRole("button", { name: "Start again" }).click();
  await page.getByRole("tab", { name: "Running: 1: bash or sh" }).waitFor();
  await type("echo again=$((1+1))");
  await expect.poll(lines).toContain("again=2");
});

test("when the hub ends, the page says that the shell ended, and what it wrote is kept", async () => {
  const { hub } = web.stage;
  hub.signal("SIGTERM");
  await hub.exited;
  await page.getByRole("tab", { name: "Lost: 1: bash or sh" }).waitFor();
  const status = panel().getByRole("status");
  await status.getByText(/^The shell in web-1, and what ran in it, ended at /).waitFor();
  expect(await lines()).toContain("again=2");

  await hub.restart();
  await web.stage.online("attic");
  const start = status.getByRole("button", { name: "Start a new shell" });
  await expect.poll(() => start.getAttribute("aria-disabled")).toBeNull();
  // The hub has hung them up before it went.
  await expect.poll(shells).toEqual([]);
  const before = await shells();
  await start.click();
  await page.getByRole("tab", { name: "Running: 1: bash or sh" }).waitFor();
  await status.getByText(/^The shell in web-1/).waitFor({ state: "detached" });
  await type("echo left=$LEFT=");
  await expect.poll(lines).toContain("left==");
  const started = (await shells()).find((id) => !before.includes(id));
  expect(started).toBeDefined();

  await page.getByRole("button", { name: "Close this terminal" }).click();
  const question = page.getByRole("dialog", { name: "Close this terminal?" });
  await question.getByRole("button", { name: "Close the terminal" }).click();
  await page.getByRole("heading", { name: "A terminal in web-1", level: 2 }).waitFor();
  await expect.poll(async () => (await shells()).filter((id) => id === started)).toEqual([]);
});

test("no page complained of anything but the hub's absence", () => {
  const isAbsence = (text: string): boolean => /^WebSocket connection to .* failed/.test(text);
  expect(web.admin.complaints.filter((text) => !isAbsence(text))).toEqual([]);
});
