import { describe, expect, it } from "vitest";
import { joinLink, startLink, text } from "./link-under-test.ts";

describe("openTerminal", () => {
  const start = { container: "c", cmd: "/bin/sh", user: "root", cols: 80, rows: 24 };

  it("starts, carries input, output and resize in order, and ends", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    agent.onMessage = ({ type, execId, data }) => {
      if (type === "exec_start") agent.send({ type: "exec_ready", execId });
      if (type === "exec_input") agent.send({ type: "exec_output", execId, data });
    };
    const terminal = await link.session().openTerminal(start);
    expect(await agent.message("exec_start")).toMatchObject({
      containerId: "c",
      cmd: "/bin/sh",
      user: "root",
      cols: 80,
      rows: 24,
    });
    for (const key of "keystrokes") void terminal.write(Buffer.from(key));
    terminal.resize(100, 70_000);
    expect(await agent.message("exec_resize")).toMatchObject({ cols: 100, rows: 65_535 });
    const { execId } = await agent.message("exec_start");
    agent.send({ type: "exec_end", execId, reason: "container_exit" });
    expect(await text(terminal)).toBe("keystrokes");
    expect(await terminal.ended).toEqual({ reason: "container_exit" });
    void terminal.write(Buffer.from("too late"));
    terminal.close();
    agent.send({ type: "ping", timestamp: 1 });
    await agent.message("pong");
    expect(agent.came.filter((message) => message["type"] === "exec_end")).toEqual([]);
  });

  it("splits a large paste", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    agent.onMessage = ({ type, execId }) => {
      if (type === "exec_start") agent.send({ type: "exec_ready", execId });
    };
    const terminal = await link.session().openTerminal(start);
    const paste = Buffer.alloc(2_500_000, "paste ");
    void terminal.write(paste);
    await agent.until(
      () => agent.came.filter((message) => message["type"] === "exec_input").length === 3,
      "three pieces",
    );
    const pieces = agent.came.flatMap(({ type, data }) =>
      type === "exec_input" ? [Buffer.from(String(data), "base64")] : [],
    );
    expect(Buffer.concat(pieces).equals(paste)).toBe(true);
  });

  it.each([
    ["EXEC_CREATE_ERROR", "exec_create_failed"],
    ["EXEC_START_ERROR", "exec_start_failed"],
  ])("fails with %s as %s", async (wire, code) => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    const error = 'exec create failed: 404 - {"message":"No such container: c"}';
    agent.onMessage = ({ type, execId }) => {
      if (type === "exec_start") agent.send({ type: "error", requestId: execId, error, code: wire });
    };
    await expect(link.session().openTerminal(start)).rejects.toMatchObject({ code, message: error });
  });

  it("tells the agent when the user leaves", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    agent.onMessage = ({ type, execId }) => {
      if (type === "exec_start") agent.send({ type: "exec_ready", execId });
    };
    const terminal = await link.session().openTerminal(start);
    terminal.close();
    expect(await agent.message("exec_end")).toMatchObject({ reason: "user_closed" });
    expect(await terminal.ended).toEqual({ reason: "user_closed" });
    expect(await text(terminal)).toBe("");
  });

  it("throws when the agent goes away", async () => {
    await using link = await startLink();
    const agent = await joinLink(link.url);
    agent.onMessage = ({ type, execId }) => {
      if (type === "exec_start") agent.send({ type: "exec_ready", execId });
    };
    const terminal = await link.session().openTerminal(start);
    agent.socket.terminate();
    await expect(text(terminal)).rejects.toMatchObject({ code: "agent_disconnected" });
    expect(await terminal.ended).toEqual({ reason: "error" });
  });
});
