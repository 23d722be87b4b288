import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand, type TempDir, tempDir, waitFor } from "@fairlead/testkit";

/** A program on a pseudo-terminal of its own, as a person at a keyboard has it. */
export class Terminal implements AsyncDisposable {
  /** Its exit code. */
  readonly exited: Promise<number>;
  readonly #script: ChildProcess;
  readonly #folder: TempDir;
  #output = "";

  private constructor(script: ChildProcess, folder: TempDir) {
    this.#script = script;
    this.#folder = folder;
    // A character may come in two pieces.
    script.stdout?.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    // What is typed after the program's end is lost, as at a real keyboard.
    script.stdin?.on("error", () => {});
    const { promise, resolve } = Promise.withResolvers<number>();
    script.once("error", () => resolve(127));
    script.once("close", (code) => resolve(code ?? 1));
    this.exited = promise;
  }

  /** Starts a command of the shell on a terminal of 24 rows and 80 columns. */
  static async open(command: string, env: Record<string, string | undefined>): Promise<Terminal> {
    const folder = await tempDir();
    // util-linux's `script` makes the terminal; its name and the program's process id are for those outside.
    const line = `stty rows 24 cols 80; tty > "$TERMINAL.tty"; echo $$ > "$TERMINAL.pid"; exec ${command}`;
    const script = spawn("script", ["-qec", line, "/dev/null"], {
      env: { ...process.env, ...env, TERMINAL: join(folder.path, "terminal"), SHELL: "/bin/sh" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    const terminal = new Terminal(script, folder);
    await waitFor(() => terminal.#note("pid"), { what: () => `the terminal to open; it shows ${terminal.output}` });
    return terminal;
  }

  /** All that the terminal showed. */
  get output(): string {
    return this.#output;
  }

  /** Waits until the terminal shows the text. */
  async shows(text: string): Promise<void> {
    await waitFor(() => this.output.includes(text), {
      what: () => `${JSON.stringify(text)} on the terminal; it shows ${JSON.stringify(this.output)}`,
    });
  }

  type(keys: string): void {
    this.#script.stdin?.write(keys);
  }

  /** As when the window changes: the program is told by SIGWINCH. */
  async resize(rows: number, columns: number): Promise<void> {
    const args = ["-F", await this.#note("tty"), "rows", String(rows), "cols", String(columns)];
    const { code, stderr } = await runCommand("stty", args);
    if (code !== 0) throw new Error(`stty ${args.join(" ")}: ${stderr.toString()}`);
  }

  /** Kills the program (SIGKILL), which leaves it no time to say goodbye. The terminal is gone then. */
  async kill(): Promise<void> {
    process.kill(Number(await this.#note("pid")), "SIGKILL");
    await this.exited;
    await this.#folder.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The terminal hangs up when `script` is gone, which ends the program.
    this.#script.kill("SIGKILL");
    await this.exited;
    await this.#folder.stop();
  }

  async #note(name: "tty" | "pid"): Promise<string> {
    return (await readFile(join(this.#folder.path, `terminal.${name}`), "utf8")).trim();
  }
}
