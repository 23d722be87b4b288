import { createHash, randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CreatedEnvironment, CreateEnvironment, Environment } from "@fairlead/protocol/rest";
import {
  cleanEnvironment,
  type Dockerd,
  type DockerdOptions,
  fairleadBin,
  type HubProgram,
  type Program,
  runCommand,
  type RunOptions,
  type RunResult,
  startAgent,
  startDockerd,
  startHub,
  type StartHubOptions,
  startProgram,
  type TempDir,
  tempDir,
  waitFor,
} from "@fairlead/testkit";

/** A local socket to one environment, made by `fairlead connect`. */
export interface ConnectedSocket {
  readonly path: string;
  /** Runs the plain docker CLI on it, whatever its exit code. */
  docker(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Like `docker`, and gives trimmed standard output. @throws Error when the exit code is not 0. */
  dockerOk(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Environment variables for other programs that use it. */
  readonly env: Record<string, string>;
}

export interface StageOptions {
  readonly hub?: StartHubOptions;
  readonly engine?: DockerdOptions;
  /** Added to what the command line gets. */
  readonly env?: Record<string, string>;
}

/** A hub and an engine, and what a person does with them. Everything started through it stops with it. */
export class Stage implements AsyncDisposable {
  readonly hub: HubProgram;
  readonly engine: Dockerd;
  readonly folder: TempDir;
  readonly #running: AsyncDisposable[] = [];
  readonly #env: Record<string, string>;

  private constructor(hub: HubProgram, engine: Dockerd, folder: TempDir, env: Record<string, string>) {
    this.hub = hub;
    this.engine = engine;
    this.folder = folder;
    this.#env = env;
  }

  static async open({ hub: hubOptions, engine: engineOptions, env = {} }: StageOptions = {}): Promise<Stage> {
    const [engine, hub, folder] = await Promise.all([startDockerd(engineOptions), startHub(hubOptions), tempDir()]);
    await engine.importBusybox();
    return new Stage(hub, engine, folder, env);
  }

  /** Adds an environment through the API. */
  addEnvironment(body: CreateEnvironment): Promise<CreatedEnvironment> {
    return this.api<CreatedEnvironment>("POST", "/environments", body);
  }

  /** Adds an edge environment and starts its agent with nothing but the server's URL and the token. */
  async addEdge(name: string, env: Record<string, string> = {}, serverUrl: string = this.agentUrl) {
    const { agentToken } = await this.addEnvironment({ name, kind: "edge" });
    if (agentToken === undefined) throw new Error("no agent token");
    const agent = await startAgent({
      serverUrl,
      token: agentToken,
      dockerSocket: this.engine.socketPath,
      env,
    });
    this.#running.push(agent);
    await this.online(name);
    return { agent, agentToken };
  }

  /** Where deployed agents dial. */
  get agentUrl(): string {
    return `${this.hub.url.replace("http", "ws")}/api/hawser/connect`;
  }

  /** Waits until both lights of the environment are up. */
  online(name: string): Promise<Environment> {
    return waitFor(
      async () => {
        const environment = await this.api<Environment>("GET", `/environments/${name}`);
        return environment.link.state === "up" && environment.engine.state === "up" ? environment : undefined;
      },
      { what: `${name} to be online` },
    );
  }

  /** One call of the REST API. @throws Error with status and body when it is not a success. */
  async api<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.hub.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.hub.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** Variables with which the command line talks to this hub. */
  get cliEnv(): Record<string, string | undefined> {
    return {
      ...cleanEnvironment(),
      FAIRLEAD_URL: this.hub.url,
      FAIRLEAD_API_TOKEN: this.hub.token,
      XDG_CONFIG_HOME: this.folder.path,
      XDG_RUNTIME_DIR: this.folder.path,
      DOCKER_CONFIG: join(this.folder.path, "docker-config"),
      ...this.#env,
    };
  }

  /** Runs `fairlead ARGS`, whatever its exit code. */
  fairlead(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return runCommand(fairleadBin, args, { ...options, env: { ...this.cliEnv, ...options.env } });
  }

  /** Starts `fairlead ARGS` in the background until the stage ends. */
  async start(args: readonly string[], readyPattern?: RegExp, env: Record<string, string> = {}): Promise<Program> {
    const program = await startProgram(fairleadBin, args, {
      env: { ...this.cliEnv, ...env },
      ...(readyPattern === undefined ? {} : { readyPattern }),
    });
    this.#running.push(program);
    return program;
  }

  /** Stops with the stage. */
  keep<T extends AsyncDisposable>(running: T): T {
    this.#running.push(running);
    return running;
  }

  /**
   * `fairlead connect NAME`, with a docker CLI on the socket it makes.
   * @param cliEnv Variables for `connect` itself.
   * @param socketName For a second socket of the environment.
   */
  async connect(
    name: string,
    cliEnv: Record<string, string> = {},
    socketName: string = name,
  ): Promise<ConnectedSocket> {
    const path = join(this.folder.path, `${socketName}.sock`);
    await this.start(["connect", name, "--socket", path], /DOCKER_HOST=unix:/, cliEnv);
    const env = { DOCKER_HOST: `unix://${path}`, DOCKER_CONFIG: join(this.folder.path, "docker-config") };
    const docker = (args: readonly string[], options: RunOptions = {}) =>
      runCommand("docker", args, { ...options, env: { ...cleanEnvironment(), ...env, ...options.env } });
    return {
      path,
      env,
      docker,
      async dockerOk(args, options) {
        const { code, stdout, stderr } = await docker(args, options);
        if (code !== 0) throw new Error(`docker ${args.join(" ")} ended with ${code}: ${stderr.toString()}`);
        return stdout.toString().trimEnd();
      },
    };
  }

  /** A file of random bytes in the stage's folder, with its SHA-256. */
  async randomFile(name: string, bytes: number): Promise<{ path: string; sha256: string }> {
    const path = join(this.folder.path, name);
    const data = randomBytes(bytes);
    await writeFile(path, data);
    return { path, sha256: createHash("sha256").update(data).digest("hex") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#running.toReversed()) await running[Symbol.asyncDispose]();
    await Promise.all([this.hub.stop(), this.engine.stop()]);
    await rm(this.folder.path, { recursive: true, force: true });
  }
}
