import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { registerSecret } from "./leaked-secrets.ts";
import { type Program, type ProgramExit, type ProgramMemory, startProgram } from "./program.ts";
import { type TempDir, tempDir } from "./temp-dir.ts";

/** Absolute path of this checkout. */
export const repositoryRoot: string = fileURLToPath(new URL("../../../", import.meta.url)).replace(/\/$/, "");

/** Absolute path of the executable of this checkout. */
export const fairleadBin: string = `${repositoryRoot}/bin/fairlead`;

/** A Fairlead program that can be ended and started again; everything else is that of the process running now. */
export interface RestartableProgram extends Program {
  /** The data folder; removed by `stop()` unless the caller gave it. */
  readonly dataDir: string;
  /** Ends the process in order (if it still runs) and starts it again with the same data and the same addresses. */
  restart(): Promise<void>;
  /** Ends the process in order and removes the data folder if it was made here. */
  stop(signal?: NodeJS.Signals): Promise<ProgramExit>;
}

export interface StartHubOptions {
  /** Data folder to use; it is left in place. Default: a temporary one. */
  dataDir?: string;
  /** Added to the environment. */
  env?: Record<string, string | undefined>;
  /** Further arguments of `fairlead hub`. */
  args?: readonly string[];
  /** Value of `FAIRLEAD_BOOTSTRAP_TOKEN`. Default: random. */
  token?: string;
  /** Executable that understands `hub`. Default: that of this checkout. */
  bin?: string;
}

/** A running `fairlead hub`. */
export interface HubProgram extends RestartableProgram {
  /** `http://127.0.0.1:PORT`, without a slash at the end; the same after `restart()`. */
  readonly url: string;
  readonly port: number;
  /** API token with full rights. */
  readonly token: string;
}

export interface StartAgentOptions {
  /** Hub to dial, for example `ws://127.0.0.1:8375/api/hawser/connect`: edge mode. Without it: standard mode. */
  serverUrl?: string;
  /** Token for the hub (edge mode), or that callers must show (standard mode). */
  token?: string;
  /** Socket of the Docker Engine. */
  dockerSocket: string;
  /** Added to the environment. */
  env?: Record<string, string | undefined>;
  /** Data folder, where the agent keeps its id; it is left in place. Default: a temporary one. */
  dataDir?: string;
  /** Further arguments of `fairlead agent`. */
  args?: readonly string[];
  /** False: return as soon as the process is started, for tests where the hub is away or refuses. Default true. */
  waitUntilReady?: boolean;
  /** Executable that understands `agent`. Default: that of this checkout. */
  bin?: string;
}

/** A running `fairlead agent`. */
export interface AgentProgram extends RestartableProgram {
  /** Standard mode: where it listens, `http(s)://ADDRESS:PORT`, the same after `restart()`. Undefined in edge mode. */
  readonly url: string | undefined;
}

/** Variables of the person who runs the tests that would change what a program under test does. */
const AMBIENT = [
  "DOCKHAND_SERVER_URL",
  "FAIRLEAD_SERVER_URL",
  "TOKEN",
  "TOKEN_FILE",
  "FAIRLEAD_JOIN_KEY",
  "FAIRLEAD_JOIN_KEY_FILE",
  "FAIRLEAD_DIAL_ALLOW",
  "FAIRLEAD_DIAL_DENY",
  "DOCKER_HOST",
  "DOCKER_CONTEXT",
  "AGENT_ID",
  "AGENT_NAME",
  "PORT",
  "BIND_ADDRESS",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "http_proxy",
  "https_proxy",
  "ALL_PROXY",
  "FAIRLEAD_URL",
  "FAIRLEAD_API_TOKEN",
  "FAIRLEAD_BOOTSTRAP_TOKEN",
  "FAIRLEAD_BOOTSTRAP_TOKEN_FILE",
];

/** The environment of this process without what could change a program's behaviour, as additions for `startProgram`. */
export function cleanEnvironment(): Record<string, undefined> {
  return Object.fromEntries(AMBIENT.map((name) => [name, undefined]));
}

/**
 * Starts `bin/fairlead hub` on a free port of 127.0.0.1 and waits until it listens.
 *
 * @example
 * await using hub = await startHub();
 * await fetch(`${hub.url}/api/v1/environments`, { headers: { authorization: `Bearer ${hub.token}` } });
 */
export async function startHub(options: StartHubOptions = {}): Promise<HubProgram> {
  const token = registerSecret(options.token ?? `flt_${randomBytes(24).toString("hex")}`);
  let url: URL | undefined;
  const data = await dataFolder(options.dataDir);
  const programs = new RestartingProgram(data, async () => {
    const listen = `127.0.0.1:${url?.port ?? "0"}`;
    const args = ["hub", "--listen", listen, "--data", data.path, ...(options.args ?? [])];
    const program = await startProgram(options.bin ?? fairleadBin, args, {
      env: { ...cleanEnvironment(), FAIRLEAD_BOOTSTRAP_TOKEN: token, ...options.env },
      readyPattern: HUB_READY,
    });
    url = new URL((await program.waitForLine(HUB_READY))[1] ?? "");
    return program;
  });
  await programs.start();
  const { origin, port } = url ?? new URL("http://unreachable");
  return Object.assign(programs, { url: origin, port: Number(port), token });
}

const HUB_READY = /fairlead hub listening on (https?:\/\/[^\s"]+)/;
const AGENT_LISTENING = /fairlead agent listening on (https?:\/\/[^\s"]+)/;
const AGENT_CONNECTED = /fairlead agent connected to /;

/**
 * Starts `bin/fairlead agent` and waits until it is connected (edge mode: with a `serverUrl`) or listens (standard mode).
 *
 * @example
 * await using agent = await startAgent({ serverUrl: `${hub.url}/api/hawser/connect`.replace("http", "ws"), token, dockerSocket: dockerd.socketPath });
 */
export async function startAgent(options: StartAgentOptions): Promise<AgentProgram> {
  const isEdge = options.serverUrl !== undefined;
  if (options.token !== undefined) registerSecret(options.token);
  const readyPattern = isEdge ? AGENT_CONNECTED : AGENT_LISTENING;
  let url: URL | undefined;
  const data = await dataFolder(options.dataDir);
  const programs = new RestartingProgram(data, async () => {
    const program = await startProgram(options.bin ?? fairleadBin, ["agent", ...(options.args ?? [])], {
      env: {
        ...cleanEnvironment(),
        DOCKHAND_SERVER_URL: options.serverUrl,
        TOKEN: options.token,
        DOCKER_SOCKET: options.dockerSocket,
        FAIRLEAD_DATA_DIR: data.path,
        STACKS_DIR: `${data.path}/stacks`,
        BIND_ADDRESS: "127.0.0.1",
        PORT: url?.port ?? "0",
        ...options.env,
      },
      ...(options.waitUntilReady === false ? {} : { readyPattern }),
    });
    if (!isEdge && options.waitUntilReady !== false) url = new URL((await program.waitForLine(readyPattern))[1] ?? "");
    return program;
  });
  await programs.start();
  return Object.assign(programs, { url: url?.origin });
}

interface DataFolder {
  path: string;
  remove(): Promise<void>;
}

async function dataFolder(given: string | undefined): Promise<DataFolder> {
  if (given !== undefined) return { path: given, remove: () => Promise.resolve() };
  const folder: TempDir = await tempDir();
  return { path: folder.path, remove: folder.stop };
}

/** Starts a program again and again; hands everything through to the one running now. */
class RestartingProgram implements RestartableProgram {
  readonly dataDir: string;
  readonly #data: DataFolder;
  readonly #startOne: () => Promise<Program>;
  #now: Program | undefined;

  constructor(data: DataFolder, startOne: () => Promise<Program>) {
    this.dataDir = data.path;
    this.#data = data;
    this.#startOne = startOne;
  }

  /** Starts the first one; the data folder does not outlive a failure. */
  async start(): Promise<void> {
    try {
      this.#now = await this.#startOne();
    } catch (error) {
      await this.#data.remove();
      throw error;
    }
  }

  async restart(): Promise<void> {
    await this.#program.stop();
    this.#now = await this.#startOne();
  }

  async stop(signal?: NodeJS.Signals): Promise<ProgramExit> {
    try {
      return await this.#program.stop(signal);
    } finally {
      await this.#data.remove();
    }
  }

  kill(): Promise<ProgramExit> {
    return this.#program.kill();
  }

  get #program(): Program {
    if (!this.#now) throw new Error("Not started");
    return this.#now;
  }

  get pid(): number {
    return this.#program.pid;
  }

  get lines(): readonly string[] {
    return this.#program.lines;
  }

  get exited(): Promise<ProgramExit> {
    return this.#program.exited;
  }

  get exit(): ProgramExit | undefined {
    return this.#program.exit;
  }

  waitForLine(pattern: RegExp, timeoutMs?: number, after?: number): Promise<RegExpMatchArray> {
    return this.#program.waitForLine(pattern, timeoutMs, after);
  }

  memory(): Promise<ProgramMemory> {
    return this.#program.memory();
  }

  openFiles(): Promise<number> {
    return this.#program.openFiles();
  }

  tail(): string {
    return this.#program.tail();
  }

  signal(signal: NodeJS.Signals): void {
    this.#program.signal(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
