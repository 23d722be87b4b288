import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, rm } from "node:fs/promises";
import { request } from "node:http";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { busyboxRootTar } from "./busybox-image.ts";
import { removeDockerdLeftovers } from "./dockerd-leftovers.ts";
import { type AddressPool, createBridge, freeAddressPool, removeBridges } from "./dockerd-network.ts";
import { OutputLog } from "./output-log.ts";
import { boundToThisProcess } from "./parent-death.ts";
import { type RunOptions, type RunResult, runCommand } from "./run-command.ts";
import { writeSteadyRuntime } from "./steady-runtime.ts";
import { tempDir } from "./temp-dir.ts";

export interface DockerdOptions {
  /**
   * A default bridge of its own, so that `docker run` without `--network` and `RUN` in builds have an interface, and `-p` publishes.
   * Without iptables: nothing beyond this machine is reached. Default false: no default bridge (`docker run` gets only `lo`);
   * `docker network create` and Compose's own networks work either way.
   */
  network?: boolean;
  /** Further arguments of dockerd, for example `["--debug"]` or `["-H", "tcp://127.0.0.1:0"]`. */
  args?: readonly string[];
}

/** A Docker daemon of the caller's own, with its own data, containerd and socket. */
export interface Dockerd extends AsyncDisposable {
  /** Absolute path of its socket; the same after `restart()`. */
  readonly socketPath: string;
  /** Folder of images, containers and volumes. */
  readonly dataRoot: string;
  /** Process id of dockerd, another one after `restart()`. */
  readonly pid: number;
  /** `overlay2`, or `vfs` where overlay does not work (a container's own overlay, say). */
  readonly storageDriver: string;
  /** Runs `docker ARGS` against this daemon (a `-H` among the arguments wins), whatever its exit code. */
  docker(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Like {@link docker}, and returns standard output without the last line end. @throws Error with stderr when the exit code is not 0. */
  dockerOk(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Makes the test image: busybox with all applets, `CMD ["sh"]`. Default tag `busybox:latest`. */
  importBusybox(tag?: string): Promise<void>;
  /** Kills dockerd (SIGKILL) and waits for its end. Containers go on running until `restart()` or `stop()`. */
  kill(): Promise<void>;
  /**
   * Ends dockerd (unless it is dead already), and its containers with it, and starts it again on the same data and socket.
   *
   * SIGTERM (default) stops the containers in order: a container whose first process ignores SIGTERM takes 10 s of grace, so run it
   * with `--init` or `--stop-timeout 1`. SIGKILL is a power cut: everything ends at once.
   */
  restart(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** The last lines that dockerd printed. */
  logs(): string;
  /** Removes the containers, ends the daemon and whatever it started, and removes its folder. May be called more than once. */
  stop(): Promise<void>;
}

/** It takes a second; on a busy machine, with the first start of containerd from a cold disk, much longer. */
const READY_TIMEOUT_MS = 60_000;
const READY_INTERVAL_MS = 25;
/** After SIGTERM dockerd gives containers their grace period (10 s) before it ends. */
const TERM_TIMEOUT_MS = 20_000;
/** `docker rm -f` kills at once; what is not gone by then is killed by process id. */
const REMOVE_TIMEOUT_MS = 15_000;

/**
 * Starts a private Docker daemon and waits until it answers. Needs root, and what `scripts/install-docker-engine.sh` installs.
 *
 * Several run at once without seeing each other. It ends with the process that started it, even when that is killed.
 *
 * @example
 * await using dockerd = await startDockerd();
 * await dockerd.importBusybox();
 * await dockerd.dockerOk(["run", "-d", "--name", "web", "busybox", "sleep", "1000"]);
 * @throws Error with the end of the daemon's log when it does not come.
 */
export async function startDockerd(options: DockerdOptions = {}): Promise<Dockerd> {
  const folder = await tempDir();
  const dockerd = new PrivateDockerd(folder.path, options, await freeAddressPool(), folder.stop);
  try {
    await dockerd.start();
    return dockerd;
  } catch (error) {
    await dockerd.stop();
    throw error;
  }
}

class PrivateDockerd implements Dockerd {
  readonly socketPath: string;
  readonly dataRoot: string;
  storageDriver = "overlay2";
  readonly #execRoot: string;
  readonly #folder: string;
  readonly #args: readonly string[];
  readonly #pool: AddressPool;
  readonly #bridge: string | undefined;
  readonly #removeFolder: () => Promise<void>;
  readonly #log = new OutputLog();
  #child: ChildProcess | undefined;
  #stopped: Promise<void> | undefined;

  constructor(folder: string, options: DockerdOptions, pool: AddressPool, removeFolder: () => Promise<void>) {
    this.#folder = folder;
    this.socketPath = join(folder, "docker.sock");
    this.dataRoot = join(folder, "data");
    this.#execRoot = join(folder, "exec");
    this.#args = options.args ?? [];
    this.#removeFolder = removeFolder;
    this.#pool = pool;
    this.#bridge = options.network ? `fl${pool.second}x${pool.third}` : undefined;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("dockerd is not running");
    return pid;
  }

  async start(): Promise<void> {
    if (this.#bridge) await createBridge(this.#bridge, this.#pool);
    try {
      await this.#spawnAndWait();
    } catch (error) {
      // The root of a container is an overlay already, and overlay cannot be its own upper layer.
      if (this.storageDriver !== "overlay2" || !/overlay|prerequisites|graphdriver/i.test(this.#log.tail()))
        throw error;
      this.storageDriver = "vfs";
      await this.#end("SIGTERM");
      await removeDockerdLeftovers(this.#folder);
      await rm(this.dataRoot, { recursive: true, force: true });
      await this.#spawnAndWait();
    }
  }

  docker(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const env = {
      DOCKER_HOST: `unix://${this.socketPath}`,
      DOCKER_CONTEXT: undefined,
      // A login or a context of the person who runs the tests must not matter.
      DOCKER_CONFIG: join(this.#folder, "config"),
      ...options.env,
    };
    return runCommand("docker", args, { ...options, env });
  }

  async dockerOk(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.docker(args, options);
    if (code !== 0) throw new Error(`docker ${args.join(" ")} exited with ${code}: ${stderr.toString().trim()}`);
    return stdout.toString().replace(/\r?\n$/, "");
  }

  async importBusybox(tag = "busybox:latest"): Promise<void> {
    const input = await busyboxRootTar();
    await this.dockerOk(["import", "--change", 'CMD ["sh"]', "-", tag], { input });
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async restart(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    await this.#end(signal);
    // After a kill the containers are still there, and the new daemon would end them, but only after 20 s of grace.
    // Without its run-time folder, as after a power cut, it does not look for them.
    await removeDockerdLeftovers(this.#folder);
    await rm(this.#execRoot, { recursive: true, force: true });
    await this.#spawnAndWait();
  }

  logs(): string {
    return this.#log.text();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    if (this.#child) await this.#removeContainers().catch(() => {});
    // Nothing is left to end in order, and in order takes dockerd a second.
    await this.#end("SIGKILL");
    await removeDockerdLeftovers(this.#folder);
    await removeBridges(this.#pool);
    await this.#removeFolder();
  }

  /** By dockerd itself, as far as it still can: it knows best what belongs to a container. */
  async #removeContainers(): Promise<void> {
    const limit = { timeoutMs: REMOVE_TIMEOUT_MS };
    const ids = (await this.dockerOk(["ps", "-aq", "--no-trunc"], limit)).split("\n").filter((id) => id !== "");
    if (ids.length > 0) await this.docker(["rm", "-f", ...ids], limit);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    if (signal !== "SIGKILL") {
      const inTime = await Promise.race([exited.then(() => true), sleep(TERM_TIMEOUT_MS, false, { ref: false })]);
      if (!inTime) child.kill("SIGKILL");
    }
    await exited;
  }

  async #spawnAndWait(): Promise<void> {
    await rm(join(this.#folder, "docker.pid"), { force: true });
    const dockerdArgs = [...this.#arguments(), ...(await writeSteadyRuntime(this.#folder)), ...this.#args];
    const [command, args] = await boundToThisProcess("SIGTERM", await findDockerd(), dockerdArgs);
    const child = spawn(command, args, {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, DOCKER_HOST: undefined, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` },
    });
    this.#child = child;
    this.#log.capture(child.stdout);
    this.#log.capture(child.stderr);
    const failed = once(child, "exit").then(
      ([code, signal]) => `dockerd ended (${String(code ?? signal)}) before it was ready`,
      (error: unknown) => `dockerd cannot be started: ${String(error)}`,
    );
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (!(await answersPing(this.socketPath))) {
      const failure = await Promise.race([failed, sleep(READY_INTERVAL_MS, undefined)]);
      const reason =
        failure ?? (performance.now() > deadline ? `dockerd not ready after ${READY_TIMEOUT_MS} ms` : undefined);
      if (reason !== undefined) throw new Error(`${reason}; its log ends with:\n${this.#log.tail()}`);
    }
  }

  #arguments(): string[] {
    const id = basename(this.#folder);
    return [
      "--config-file=/dev/null",
      `--data-root=${this.dataRoot}`,
      `--exec-root=${this.#execRoot}`,
      `--pidfile=${join(this.#folder, "docker.pid")}`,
      `--host=unix://${this.socketPath}`,
      // Where a system-wide containerd runs, dockerd uses it: then at least under names of its own.
      `--containerd-namespace=${id}`,
      `--containerd-plugins-namespace=${id}-plugins`,
      `--storage-driver=${this.storageDriver}`,
      "--exec-opt=native.cgroupdriver=cgroupfs",
      `--bridge=${this.#bridge ?? "none"}`,
      // Sixteen networks of 256 addresses: the first is the bridge's, the others are for networks that tests create.
      `--default-address-pool=base=10.${this.#pool.second}.${this.#pool.third}.0/20,size=24`,
      // Rules of several daemons would meet in the same chains.
      "--iptables=false",
      "--ip6tables=false",
    ];
  }
}

/** Users other than root often have no /usr/sbin on their PATH. */
async function findDockerd(): Promise<string> {
  for (const path of ["/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/local/bin/dockerd"]) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return "dockerd";
}

function answersPing(socketPath: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const ping = request({ socketPath, path: "/_ping", timeout: 2_000, agent: false }, (response) => {
    response.resume();
    response.once("close", () => resolve(response.statusCode === 200));
  });
  ping.once("timeout", () => ping.destroy());
  ping.once("error", () => resolve(false));
  ping.end();
  return promise;
}
