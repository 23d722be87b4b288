import { type Dockerd, startAgent, startDockerd } from "@fairlead/testkit";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { WebStage } from "./web-stage.ts";

// Logs of containers on two hosts, read together at the page.
let web: WebStage;
let cellar: Dockerd;

beforeAll(async () => {
  [web, cellar] = await Promise.all([WebStage.open(), startDockerd()]);
  const { stage } = web;
  stage.keep(cellar);
  await cellar.importBusybox();
  await stage.addEdge("attic");
  const { agentToken = "" } = await stage.addEnvironment({ name: "cellar", kind: "edge" });
  stage.keep(await startAgent({ serverUrl: stage.agentUrl, token: agentToken, dockerSocket: cellar.socketPath }));
  await stage.online("cellar");
});
afterAll(() => web?.[Symbol.asyncDispose]());

beforeEach(async () => {
  for (const [engine, name] of [
    [web.stage.engine, "apples"],
    [cellar, "pears"],
  ] as const) {
    await engine.docker(["rm", "-f", name]);
    await engine.dockerOk(["run", "-d", "--name", name, "busybox", "sleep", "1000"]);
  }
});

/** One line of the container's own output; it is in the log when this is over. */
async function say(engine: Dockerd, name: string, text: string, stream: "stdout" | "stderr" = "stdout") {
  const to = `/proc/1/fd/${stream === "stdout" ? 1 : 2}`;
  await engine.dockerOk(["exec", name, "sh", "-c", `echo "$0" > ${to}`, text]);
}

/** What a row of the log says: its source, whether it is of stderr, and the text. */
function rowsOf(log: Locator): Promise<string[]> {
  return log
    .locator(".fl-log-row")
    .evaluateAll((rows) =>
      rows.map((row) =>
        [".fl-log-source", ".fl-log-err", ".fl-log-text"]
          .flatMap((part) => row.querySelector(part)?.textContent ?? [])
          .join(" "),
      ),
    );
}

test("logs of two hosts by an address are one log in the order of time, which goes on", async () => {
  const { page, complaints } = web.admin;
  const { engine: attic } = web.stage;
  const before = ["apples@attic one", "pears@cellar two", "pears@cellar three", "apples@attic four"];
  await say(attic, "apples", "one");
  await say(cellar, "pears", "two");
  await say(cellar, "pears", "three");
  await say(attic, "apples", "four");
  await page.goto(`${web.url}/logs?sources=attic/apples,cellar/pears`);
  const log = page.getByRole("log", { name: "Logs of 2 containers" });
  await expect.poll(() => rowsOf(log)).toEqual(before);
  const sources = page.getByRole("list", { name: "Sources" });
  await sources.getByRole("listitem").filter({ hasText: "apples@attic" }).getByText("live").waitFor();
  await sources.getByRole("listitem").filter({ hasText: "pears@cellar" }).getByText("live").waitFor();
  await page.getByText("2 of 2 live").waitFor();
  await page.getByText("Following", { exact: true }).waitFor();

  await say(cellar, "pears", "five is bad", "stderr");
  await say(attic, "apples", "six");
  const after = [...before, "pears@cellar err five is bad", "apples@attic six"];
  await expect.poll(() => rowsOf(log)).toEqual(after);
  const times = await log.getByRole("time").evaluateAll((all) => all.map((time) => time.getAttribute("title")));
  expect(times).toHaveLength(6);
  expect(times).toEqual(times.toSorted((a, b) => (String(a) < String(b) ? -1 : 1)));

  await sources.getByRole("button", { name: "Hide pears@cellar" }).click();
  await expect.poll(() => rowsOf(log)).toEqual(["apples@attic one", "apples@attic four", "apples@attic six"]);
  await sources.getByRole("button", { name: "Show pears@cellar" }).click();
  await expect.poll(() => rowsOf(log)).toEqual(after);
  expect(complaints).toEqual([]);
});

test("containers of two hosts are chosen by clicks; a search marks what it finds, in new lines, too", async () => {
  const { page, complaints } = web.admin;
  const { engine: attic } = web.stage;
  await say(attic, "apples", "GET /fruit 200");
  await say(cellar, "pears", "GET /shelf 404");
  await page.goto(`${web.url}/logs`);
  await page.getByText("No container is chosen").waitFor();
  await page.getByRole("button", { name: "Choose containers" }).click();
  const dialog = page.getByRole("dialog", { name: "Containers whose logs are read" });
  await dialog.getByRole("checkbox", { name: "Tick apples on attic" }).click();
  await dialog.getByLabel("Filter").fill("host:cellar");
  await dialog.getByRole("checkbox", { name: "Tick apples on attic" }).waitFor({ state: "detached" });
  await dialog.getByRole("checkbox", { name: "Tick pears on cellar" }).click();
  await dialog.getByRole("button", { name: "Read 2 logs" }).click();
  await dialog.waitFor({ state: "detached" });
  const log = page.getByRole("log", { name: "Logs of 2 containers" });
  await expect.poll(() => rowsOf(log)).toEqual(["apples@attic GET /fruit 200", "pears@cellar GET /shelf 404"]);
  expect(new URL(page.url()).searchParams.get("sources")).toMatch(/^\d+\/[0-9a-f]{12},\d+\/[0-9a-f]{12}$/);

  const marks = () => log.locator("mark").allTextContents();
  await page.getByRole("textbox", { name: "Find in the lines" }).fill("shelf");
  await page.getByText("1 match", { exact: true }).waitFor();
  await expect.poll(marks).toEqual(["shelf"]);
  await say(attic, "apples", "back from the shelf");
  await page.getByText("2 matches", { exact: true }).waitFor();
  await expect.poll(marks).toEqual(["shelf", "shelf"]);
  await page.getByRole("button", { name: "Only matching lines" }).click();
  await expect.poll(() => rowsOf(log)).toEqual(["pears@cellar GET /shelf 404", "apples@attic back from the shelf"]);
  await page.getByRole("button", { name: "Previous match (N)" }).click();
  await page.getByText(/^\d of 2$/).waitFor();
  expect(complaints).toEqual([]);
});

describe("an expression", () => {
  test("that is none is named for as long as it stands there; the others are looked for", async () => {
    const { page, complaints } = web.admin;
    await say(web.stage.engine, "apples", "one");
    await page.goto(`${web.url}/logs?sources=attic/apples&match=regex`);
    const log = page.getByRole("log");
    await expect.poll(() => rowsOf(log)).toEqual(["one"]);
    const field = page.getByRole("textbox", { name: "Find in the lines" });
    await field.fill("(");
    await page.getByText(/Invalid regular expression/).waitFor();
    // Lines that come meanwhile are no reason to be silent about it.
    await say(web.stage.engine, "apples", "two");
    await expect.poll(() => rowsOf(log)).toEqual(["one", "two"]);
    await page.getByText(/Invalid regular expression/).waitFor();
    await field.fill("t.o");
    await page.getByText("1 match", { exact: true }).waitFor();
    expect(await page.getByText(/Invalid regular expression/).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("that backtracks without end is given up, and the log goes on", async () => {
    const { page, complaints } = web.admin;
    await say(web.stage.engine, "apples", `${"a".repeat(60)}!`);
    await page.goto(`${web.url}/logs?sources=attic/apples&match=regex`);
    const log = page.getByRole("log");
    const before = [`${"a".repeat(60)}!`];
    await expect.poll(() => rowsOf(log)).toEqual(before);
    const field = page.getByRole("textbox", { name: "Find in the lines" });
    await field.fill("(a+)+$");
    await page.getByText("This expression takes too long on these lines.").waitFor();
    await say(web.stage.engine, "apples", "after");
    await expect.poll(() => rowsOf(log)).toEqual([...before, "after"]);
    await field.fill("a!$");
    await page.getByText("1 match", { exact: true }).waitFor();
    expect(await page.getByText("This expression takes too long on these lines.").count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
