import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "@fairlead/testkit";
import { connectKind, kinds } from "./environment-kinds.ts";
import { type ConnectedSocket, Stage } from "./stage.ts";
import { Terminal } from "./terminal.ts";

// What a person does with the plain docker CLI at a keyboard, through every kind of environment.
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Says its size whenever it is told of a new one, and ends when it is interrupted. */
const WATCH_SIZE =
  "trap 'echo size $(stty size)' WINCH; trap 'echo interrupted; exit 9' INT; echo ready; while :; do sleep 0.1; done";
/** Gives back line by line what is typed. */
const ANSWER = "echo ready; while read line; do echo got $line; done";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_P_CTRL_Q = "\u0010\u0011";
const CTRL_X = "\u0018";

describe.each(kinds)("%s environment", (kind) => {
  let host: ConnectedSocket;
  beforeAll(async () => {
    host = await connectKind(stage, kind);
  });

  const open = (command: string) => Terminal.open(`docker ${command}`, host.env);

  test("run -it has a terminal, which is resized with the window", async () => {
    await using terminal = await open(`run --rm -it busybox sh -c "${WATCH_SIZE.replaceAll("$", "\\$")}"`);
    await terminal.shows("ready");
    await firstResize(terminal);
    await terminal.resize(52, 132);
    await terminal.shows("size 52 132");
    terminal.type(CTRL_C);
    await terminal.shows("interrupted");
    expect(await terminal.exited).toBe(9);
  });

  test("a shell in run -it echoes, answers and ends with what was typed", async () => {
    await using terminal = await open("run --rm -it busybox sh");
    await terminal.shows("#");
    terminal.type("tty; echo $((6*7))\r");
    await terminal.shows("/dev/pts/0");
    await terminal.shows("\n42");
    // Said by the child: it is in the foreground by then. Said by the shell, an interrupt in
    // between would go to the shell, which waits for a child that has not got it.
    terminal.type("sh -c 'echo begun; exec sleep 1000'\r");
    await terminal.shows("\nbegun");
    // The child ends with the interrupt, and the shell goes on.
    terminal.type(CTRL_C);
    await terminal.shows("^C");
    // What is typed before it asks again is thrown away with the interrupt.
    await waitFor(() => terminal.output.lastIndexOf("#") > terminal.output.lastIndexOf("^C"), {
      what: () => `the shell to go on; it shows ${JSON.stringify(terminal.output)}`,
    });
    terminal.type("(exit 6)\r");
    terminal.type(CTRL_D);
    expect(await terminal.exited).toBe(6);
  });

  test("exec -it has a terminal, which is resized with the window", async () => {
    const id = await host.dockerOk(["run", "-d", "--init", "busybox", "sleep", "1000"]);
    await using terminal = await open(`exec -it ${id} sh -c "${WATCH_SIZE.replaceAll("$", "\\$")}"`);
    await terminal.shows("ready");
    await firstResize(terminal);
    terminal.type(CTRL_C);
    expect(await terminal.exited).toBe(9);
    await host.dockerOk(["rm", "-f", id]);
  });

  test("attach is left with the detach keys, and the container goes on", async () => {
    const id = await host.dockerOk(["run", "-dit", "busybox", "sh", "-c", ANSWER]);
    for (const [attach, keys, word] of [
      [`attach ${id}`, CTRL_P_CTRL_Q, "one"],
      [`attach --detach-keys ctrl-x ${id}`, CTRL_X, "two"],
    ] as const) {
      await using terminal = await open(attach);
      // The client says nothing when it is attached: what is typed before waits in the terminal.
      terminal.type(`${word}\r`);
      await terminal.shows(`got ${word}`);
      terminal.type(keys);
      await terminal.shows("read escape sequence");
      await terminal.exited;
      expect(await host.dockerOk(["inspect", "-f", "{{.State.Status}}", id])).toBe("running");
    }
    await using terminal = await open(`attach ${id}`);
    terminal.type("three\r");
    await terminal.shows("got three");
    terminal.type(CTRL_D);
    expect(await terminal.exited).toBe(0);
    expect(await host.dockerOk(["inspect", "-f", "{{.State.Status}}", id])).toBe("exited");
    expect(await host.dockerOk(["logs", id])).toMatch(/got one[^]*got two[^]*got three/);
    await host.dockerOk(["rm", id]);
  });

  test("exec is left with the detach keys, and the program goes on", async () => {
    const id = await host.dockerOk(["run", "-d", "--init", "busybox", "sleep", "1000"]);
    await using terminal = await open(
      `exec -it ${id} sh -c "trap 'touch /ended' EXIT; ${ANSWER.replaceAll("$", "\\$")}"`,
    );
    await terminal.shows("ready");
    terminal.type(CTRL_P_CTRL_Q);
    await terminal.shows("read escape sequence");
    await terminal.exited;
    expect(await host.dockerOk(["top", id, "-o", "pid,args"])).toContain("while read line");
    await host.dockerOk(["rm", "-f", id]);
  });
});

/**
 * The client begins to listen to its terminal's size when the program runs already, and misses what changes before, on the engine's own
 * socket too. A size that is the same again is no change.
 */
async function firstResize(terminal: Terminal): Promise<void> {
  await waitFor(
    async () => {
      await terminal.resize(40, 100);
      await terminal.resize(41, 101);
      return terminal.output.includes("size 41 101");
    },
    { what: () => `the new size on the terminal; it shows ${terminal.output}`, intervalMs: 200 },
  );
}
