import type { CreatedApiToken } from "@fairlead/protocol/rest";
import { waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectKind, kinds } from "./environment-kinds.ts";
import { LogReader } from "./log-reader.ts";
import { Stage } from "./stage.ts";

// The log WebSocket on a real engine, by every way to it.
const LEGACY = "legacy";
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
  const { engine } = stage;
  const program = "echo out; echo err >&2; while [ ! -e /go ]; do sleep 0.1; done; echo last";
  await engine.dockerOk(["run", "-d", "--name", "done", "busybox", "sh", "-c", "echo out; echo err >&2"]);
  await engine.dockerOk(["run", "-dt", "--name", "terminal", "busybox", "sh", "-c", program]);
  for (const kind of kinds) await connectKind(stage, kind);
  await stage.addEdge(LEGACY, { FAIRLEAD_STREAMS: "off" });
  for (const kind of [...kinds, LEGACY]) {
    await engine.dockerOk(["run", "-d", "--init", "--name", `on-${kind}`, "busybox", "sh", "-c", program]);
  }
});
afterAll(() => stage[Symbol.asyncDispose]());

describe.each([...kinds, LEGACY])("%s", (kind) => {
  test("a log that has ended, in frames with times", async () => {
    const reader = new LogReader(stage, kind, { container: "done" });
    expect(await reader.ends()).toBe(1000);
    expect(reader.controls).toEqual([{ type: "ready", tty: false }, { type: "end" }]);
    const texts = reader.lines.map(({ stream, text }) => `${stream} ${text}`);
    expect(texts.toSorted()).toEqual(["1 out", "2 err"]);
    expect(reader.lines[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
  });

  test("one that goes on, from a line on, to the end of its container", async () => {
    const container = `on-${kind}`;
    const first = new LogReader(stage, kind, { container, stderr: false });
    expect(await waitFor(() => first.lines.at(-1)?.text, { what: "the line" }).catch(String)).toBe("out");
    const since = first.lines[0]?.time ?? "";
    const reader = new LogReader(stage, kind, { container, follow: true, stderr: false, since });
    await waitFor(() => reader.lines.length > 0, { what: "the line" });
    await stage.engine.dockerOk(["exec", container, "touch", "/go"]);
    expect(await reader.ends()).toBe(1000);
    expect(reader.lines.map(({ text }) => text)).toEqual(["out", "last"]);
  });

  test("one of a terminal, that its reader leaves", async () => {
    const reader = new LogReader(stage, kind, { container: "terminal", follow: true });
    await waitFor(() => reader.text.includes("err"), { what: "the lines" });
    expect(reader.controls).toEqual([{ type: "ready", tty: true }]);
    expect(reader.text).toMatch(/^\d{4}-\d\d-\d\dT\S+Z out\r\n\d{4}-\d\d-\d\dT\S+Z err\r\n$/);
    reader.close();
    expect(await reader.ends()).toBe(1005);
  });

  test("one of a container that is not there", async () => {
    const reader = new LogReader(stage, kind, { container: "nosuch" });
    expect(await reader.ends()).toBe(1008);
    expect(reader.controls).toEqual([
      { type: "error", code: "not_found", message: expect.stringContaining("nosuch") as string },
    ]);
  });

  test("one whose token is revoked", async () => {
    const grants = [{ permissions: ["container.logs"], scope: { type: "all" } }];
    const { token, secret } = await stage.api<CreatedApiToken>("POST", "/tokens", { name: `reader-${kind}`, grants });
    const reader = new LogReader(stage, kind, { container: "terminal", follow: true }, secret);
    await waitFor(() => reader.text.includes("err"), { what: "the lines" });
    await stage.api("DELETE", `/tokens/${token.id}`);
    // Cut, not closed: it did not end in order.
    expect(await reader.ends()).toBe(1006);
    expect(reader.controls.map(({ type }) => type)).toEqual(["ready"]);
  });
});
