import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fairleadBin, runCommand, tempDir, waitFor, type TempDir } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type RawData, type WebSocket, WebSocketServer } from "ws";

/** The terminal door of a hub; the test is its other end. */
class FakeTerminalHub {
  readonly #http: Server = createServer();
  readonly #door = new WebSocketServer({ noServer: true });
  refusal: string | undefined;
  url = "";
  /** Path and query of the last session. */
  path = "";
  authorization: string | undefined;
  socket: WebSocket | undefined;
  input = "";
  readonly controls: unknown[] = [];

  async start(): Promise<this> {
    this.#http.on("upgrade", (request, socket, head) => {
      this.path = request.url ?? "";
      this.authorization = request.headers.authorization;
      if (this.refusal !== undefined) return void socket.end(this.refusal);
      this.#door.handleUpgrade(request, socket, head, (accepted) => this.#accept(accepted));
    });
    this.#http.listen(0, "127.0.0.1");
    await once(this.#http, "listening");
    this.url = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
    return this;
  }

  #accept(socket: WebSocket): void {
    this.socket = socket;
    socket.on("message", (data: RawData, isBinary: boolean) => {
      if (isBinary) this.input += (data as Buffer).toString("latin1");
      else this.controls.push(JSON.parse((data as Buffer).toString()));
    });
    socket.send(JSON.stringify({ type: "ready" }));
  }

  async session(): Promise<WebSocket> {
    await waitFor(() => this.socket, { what: "a session" });
    return this.socket as WebSocket;
  }

  end(reason: string, exitCode?: number): void {
    this.socket?.send(JSON.stringify({ type: "end", reason, ...(exitCode === undefined ? {} : { exitCode }) }));
    this.socket?.close(1000);
  }

  async typed(text: string): Promise<void> {
    await waitFor(() => this.input.includes(text), {
      what: () => `input ${JSON.stringify(text)}, got ${JSON.stringify(this.input)}`,
    });
  }

  stop(): void {
    this.socket?.terminate();
    this.#door.close();
    this.#http.close();
    this.#http.closeAllConnections();
  }
}

/** `fairlead exec` in a terminal of its own (by script(1)), and what the terminal's settings are afterwards. */
class Terminal {
  output = "";
  readonly #script: ChildProcess;

  constructor(args: string, env: Record<string, string>) {
    const command = `stty sane; stty cols 80 rows 24; tty; echo pid=$$ before=$(stty -g); ${fairleadBin} ${args}; echo "rc=$? after=$(stty -g)"; echo all-done`;
    this.#script = spawn("/usr/bin/script", ["-qec", `sh -c '${command}'`, "/dev/null"], {
      env: { ...process.env, ...env, TERM: "xterm" },
    });
    this.#script.stdout?.on("data", (bytes: Buffer) => (this.output += bytes.toString()));
  }

  type(text: string): void {
    this.#script.stdin?.write(text);
  }

  async shows(text: string): Promise<void> {
    await waitFor(() => this.output.includes(text), { what: () => `${text}, got ${JSON.stringify(this.output)}` });
  }

  /** Exit code of fairlead, and whether the terminal is as it was. */
  async finished(): Promise<{ code: number; isRestored: boolean }> {
    await this.shows("all-done");
    const [, before] = /before=(\S+)/.exec(this.output) ?? [];
    const [, code, after] = /rc=(\d+) after=(\S+)/.exec(this.output) ?? [];
    return { code: Number(code), isRestored: before !== undefined && before === after };
  }

  get device(): string {
    return /(\/dev\/pts\/\d+)/.exec(this.output)?.[1] ?? "";
  }

  stop(): void {
    this.#script.kill("SIGKILL");
  }
}

let hub: FakeTerminalHub;
let home: TempDir;
let env: Record<string, string>;
const terminals: Terminal[] = [];

beforeEach(async () => {
  hub = await new FakeTerminalHub().start();
  home = await tempDir();
  env = {
    FAIRLEAD_URL: hub.url,
    FAIRLEAD_API_TOKEN: "fl_test",
    HOME: home.path,
    XDG_CONFIG_HOME: "",
    XDG_DATA_HOME: "",
  };
});

afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.stop();
  hub.stop();
  await home.stop();
});

async function openTerminal(args = "exec web-1 nginx"): Promise<Terminal> {
  const terminal = new Terminal(args, env);
  terminals.push(terminal);
  await hub.session();
  return terminal;
}

/** Process id of the fairlead that runs in the terminal. */
async function fairleadPid(terminal: Terminal): Promise<number> {
  const shell = /pid=(\d+)/.exec(terminal.output)?.[1] ?? "";
  const { stdout } = await runCommand("ps", ["-o", "pid=", "--ppid", shell]);
  return Number(stdout.toString().trim());
}

describe("in a terminal", () => {
  test("keystrokes go through one by one, Ctrl-C too; output comes back; the exit code is the command's", async () => {
    const terminal = await openTerminal("exec -u root web-1 nginx");
    expect(hub.path).toMatch(
      /^\/api\/v1\/environments\/web-1\/exec\?container=nginx&cmd=%2Fbin%2Fsh&cols=\d+&rows=\d+&user=root$/,
    );
    expect(hub.authorization).toBe("Bearer fl_test");
    hub.socket?.send(Buffer.from("/ # "));
    await terminal.shows("/ # ");
    terminal.type("l\u0003\u001b[A\u0011");
    await hub.typed("l\u0003\u001b[A\u0011");
    hub.end("container_exit", 3);
    expect(await terminal.finished()).toEqual({ code: 3, isRestored: true });
  });

  test("the size is told at the start and when it changes", async () => {
    const terminal = await openTerminal();
    await waitFor(() => hub.controls.length > 0, { what: "the first size" });
    await runCommand("stty", ["-F", terminal.device, "cols", "101", "rows", "37"]);
    await waitFor(
      () => hub.controls.some((control) => JSON.stringify(control) === '{"type":"resize","cols":101,"rows":37}'),
      {
        what: () => `the new size, got ${JSON.stringify(hub.controls)}`,
      },
    );
    hub.end("user_closed");
    expect(await terminal.finished()).toEqual({ code: 0, isRestored: true });
  });

  test.each([
    ["the hub's connection breaks", () => hub.socket?.terminate(), /fairlead: The connection to the hub broke off/],
    [
      "the hub tells of an error",
      () => hub.socket?.send('{"type":"error","code":"agent_disconnected","message":"It is gone."}'),
      /fairlead: It is gone\./,
    ],
    [
      "a message is garbage, then the hub closes",
      () => {
        hub.socket?.send("{{{");
        hub.socket?.close(1011, "internal");
      },
      /fairlead: The connection to the hub broke off \(1011 internal\)/,
    ],
  ])("it is restored when %s", async (_name, harm, message) => {
    const terminal = await openTerminal();
    hub.socket?.send(Buffer.from("ready$"));
    await terminal.shows("ready$");
    harm();
    expect(await terminal.finished()).toEqual({ code: 1, isRestored: true });
    expect(terminal.output).toMatch(message);
  });

  test.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)("it is restored after %s", async (signal) => {
    const terminal = await openTerminal();
    hub.socket?.send(Buffer.from("ready$"));
    await terminal.shows("ready$");
    const closed = once(hub.socket as WebSocket, "close");
    process.kill(await fairleadPid(terminal), signal);
    expect((await terminal.finished()).isRestored).toBe(true);
    await closed;
  });

  test("a refusal is said, before anything happens to the terminal", async () => {
    const body = '{"code":"not_found","message":"There is no environment web-1."}';
    hub.refusal = `HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    const terminal = new Terminal("exec web-1 nginx", env);
    terminals.push(terminal);
    expect(await terminal.finished()).toEqual({ code: 1, isRestored: true });
    expect(terminal.output).toContain("fairlead: There is no environment web-1.");
  });
});

describe("with a pipe", () => {
  const exec = (args: string[], input?: string | Uint8Array) =>
    runCommand(fairleadBin, ["exec", "web-1", "nginx", ...args], { env, ...(input === undefined ? {} : { input }) });

  test("the input goes through whole and ends with Ctrl-D; the output is written", async () => {
    const input = Buffer.alloc(3 * 1024 * 1024, "0123456789abcdef");
    const running = exec([], input);
    await hub.session();
    await waitFor(() => hub.input.endsWith("\u0004\u0004"), { what: "the end of the input" });
    expect(hub.input.length).toBe(input.length + 2);
    hub.socket?.send(Buffer.alloc(1024 * 1024, "o"));
    hub.end("container_exit", 0);
    const { code, stdout } = await running;
    expect([code, stdout.length]).toEqual([0, 1024 * 1024]);
  });

  test("a command of several words goes as one text", async () => {
    const running = exec(["--", "echo", "it's", "$HOME"]);
    await hub.session();
    expect(new URL(hub.path, hub.url).searchParams.get("cmd")).toBe("echo 'it'\\''s' '$HOME'");
    hub.end("container_exit", 4);
    expect((await running).code).toBe(4);
  });

  test("an end because of an error is a failure where no exit code is known", async () => {
    const running = exec([]);
    await hub.session();
    hub.end("error");
    expect((await running).code).toBe(1);
  });
});
