import { startAgent } from "@fairlead/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebStage } from "./web-stage.ts";

// What happened, and what may be missing of it, at the page of events.
let web: WebStage;

beforeAll(async () => {
  web = await WebStage.open();
});
afterAll(() => web?.[Symbol.asyncDispose]());

test("a gap shows as soon as it is known, and in the history; an event leads to the logs of its time", async () => {
  const { stage, admin } = web;
  const { page, complaints } = admin;
  const { engine } = stage;
  const { agent, agentToken } = await stage.addEdge("attic");
  await page.goto(`${web.url}/events`);
  await page.getByText("No events", { exact: true }).waitFor();
  // Its first words come after the event of its start, by which they are found.
  const write = "while ! test -e /go; do sleep 0.1; done; echo first words; echo last words; exec sleep 1000";
  await engine.dockerOk(["run", "-d", "--init", "--name", "writer", "busybox", "sh", "-c", write]);
  const events = page.getByRole("region", { name: "Events" });
  const starts = events.getByRole("listitem").filter({ hasText: /start\s*writer/ });
  await starts.waitFor();
  await engine.dockerOk(["exec", "writer", "touch", "/go"]);
  await expect.poll(() => engine.dockerOk(["logs", "writer"])).toBe("first words\nlast words");

  // What the engine remembers of the time without an agent is lost with its restart.
  await agent.stop();
  await engine.restart();
  const gaps = events.getByRole("listitem").filter({ hasText: "Events may be missing on attic from" });
  expect(await gaps.count()).toBe(0);
  stage.keep(await startAgent({ serverUrl: stage.agentUrl, token: agentToken, dockerSocket: engine.socketPath }));
  await gaps.getByText(/: The engine was restarted and does not know what happened before\.$/).waitFor();
  expect(await gaps.count()).toBe(1);
  // It is no event of a container, yet it is between them: what comes now is above it.
  await engine.dockerOk(["start", "writer"]);
  await expect.poll(() => starts.count()).toBe(2);
  const kinds = async () =>
    (await events.getByRole("listitem").allTextContents()).flatMap(
      (text) => /Events may be missing|start/.exec(text)?.[0] ?? [],
    );
  expect(await kinds()).toEqual(["start", "Events may be missing", "start"]);

  await page.reload();
  await gaps.waitFor();
  expect(await kinds()).toEqual(["start", "Events may be missing", "start"]);
  await page.getByRole("textbox", { name: "Filter events" }).fill("action:destroy");
  await starts.first().waitFor({ state: "detached" });
  // What is looked for may be what is missing.
  await gaps.waitFor();
  await page.getByRole("textbox", { name: "Filter events" }).fill("action:start");

  await starts
    .last()
    .getByRole("link", { name: /^Logs of writer on attic at / })
    .click();
  const log = page.getByRole("log", { name: "Log of writer" });
  await log.getByText("first words").first().waitFor();
  expect(new URL(page.url()).pathname).toBe("/logs");
  // It stands at that time, and does not follow.
  await page.getByRole("button", { name: /^Follow$|new lines?$/ }).waitFor();
  const marked = log.locator("[data-marked]");
  await marked.waitFor();
  expect(await marked.textContent()).toContain("first words");
  expect(await marked.getAttribute("data-index")).toBe("0");
  expect(complaints).toEqual([]);
});
