import { access, readFile } from "node:fs/promises";
import { cpus, freemem, totalmem, uptime } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { HostMetrics } from "@fairlead/protocol";
import { cpuUsage, type CpuTimes, parseCpuTimes } from "./cpu-times.ts";
import { type DiskFigures, readDisk } from "./disk.ts";
import { isVirtualInterface, type NetworkTraffic, parseInterfaces } from "./network-traffic.ts";

export interface HostMetricsOptions {
  /** Where the host's /proc is: `/proc`, or where it is mounted when the agent runs in a container. */
  hostProc: string;
  /** Folder of the engine's images and volumes; undefined when it is not known, or on another machine. */
  dataRoot(): Promise<string | undefined>;
  /** Leaves the disk figures out. */
  skipDisk: boolean;
}

/** The first reading has none before it to compare with: two are taken this far apart, in milliseconds. */
const FIRST_CPU_SAMPLE_MS = 250;

/** Container runtimes leave one of these in a container's root. */
const CONTAINER_MARKS = ["/.dockerenv", "/run/.containerenv"];

/** Figures of the host, in the units of {@link HostMetrics}. A figure that cannot be had is absent. */
export class HostMetricsReader {
  readonly #options: HostMetricsOptions;
  #before: CpuTimes | undefined;

  constructor(options: HostMetricsOptions) {
    this.#options = options;
  }

  /** Never rejects. `cpuUsage` is the average since the last call, at the first call over a quarter of a second. */
  async read(): Promise<HostMetrics> {
    const [cpu, memory, disk, traffic, uptime] = await Promise.all([
      this.#readCpu(),
      this.#readMemory(),
      this.readDisk(),
      this.#readTraffic(),
      this.#readUptime(),
    ]);
    return { ...cpu, ...memory, ...disk, ...traffic, ...uptime };
  }

  async #readCpu(): Promise<Pick<HostMetrics, "cpuUsage" | "cpuCores">> {
    if (this.#before === undefined) {
      this.#before = await this.#cpuTimes();
      if (this.#before) await sleep(FIRST_CPU_SAMPLE_MS, undefined, { ref: false });
    }
    const now = await this.#cpuTimes();
    if (now === undefined) return {};
    const usage = this.#before && cpuUsage(this.#before, now);
    this.#before = now;
    return {
      ...(usage === undefined ? {} : { cpuUsage: usage }),
      ...(now.cores === 0 ? {} : { cpuCores: now.cores }),
    };
  }

  async #cpuTimes(): Promise<CpuTimes | undefined> {
    const stat = await this.#proc("stat");
    if (stat !== undefined) return parseCpuTimes(stat);
    return this.#hasProc ? undefined : systemCpuTimes();
  }

  async #readMemory(): Promise<Pick<HostMetrics, "memoryTotal" | "memoryUsed" | "memoryFree">> {
    const meminfo = await this.#proc("meminfo");
    if (meminfo === undefined) return this.#hasProc ? {} : memoryFigures(totalmem(), freemem());
    const bytes = (name: string): number | undefined => {
      const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(meminfo)?.[1];
      return kib === undefined ? undefined : Number(kib) * 1024;
    };
    const total = bytes("MemTotal");
    // Kernels before 3.14 do not estimate it.
    const available =
      bytes("MemAvailable") ?? (bytes("MemFree") ?? 0) + (bytes("Buffers") ?? 0) + (bytes("Cached") ?? 0);
    return total === undefined ? {} : memoryFigures(total, Math.min(available, total));
  }

  /** The disk figures alone. Never rejects. */
  async readDisk(): Promise<DiskFigures> {
    if (this.#options.skipDisk) return {};
    const path = await this.#options.dataRoot().catch(() => undefined);
    if (path === undefined) return {};
    // In a container the same path is another folder: the host's first process sees the host's.
    return this.#isOwnProc ? readDisk(path) : readDisk(join(this.#options.hostProc, "1/root", path), path);
  }

  async #readTraffic(): Promise<Partial<NetworkTraffic>> {
    // The host's first process is in the host's network; /proc/net is that of whoever reads it.
    const dev = (await this.#proc("1/net/dev")) ?? (await this.#proc("net/dev"));
    if (dev === undefined) return {};
    const interfaces = parseInterfaces(dev);
    const names = await this.#physical([...interfaces.keys()]);
    if (names.length === 0) return {};
    const sum = (figure: keyof NetworkTraffic): number =>
      names.reduce((bytes, name) => bytes + (interfaces.get(name)?.[figure] ?? 0), 0);
    return { networkRxBytes: sum("networkRxBytes"), networkTxBytes: sum("networkTxBytes") };
  }

  async #physical(names: string[]): Promise<string[]> {
    if (this.#isOwnProc) {
      const isDevice = await Promise.all(names.map((name) => exists(join("/sys/class/net", name, "device"))));
      const devices = names.filter((_, index) => isDevice[index]);
      if (devices.length > 0) return devices;
      // A container's interfaces are named like physical ones, and are not the host's.
      if ((await Promise.all(CONTAINER_MARKS.map(exists))).includes(true)) return [];
    }
    return names.filter((name) => !isVirtualInterface(name));
  }

  async #readUptime(): Promise<Pick<HostMetrics, "uptime">> {
    const text = await this.#proc("uptime");
    if (text === undefined) return this.#hasProc ? {} : { uptime: Math.floor(uptime()) };
    const seconds = Number.parseFloat(text);
    return Number.isFinite(seconds) ? { uptime: Math.floor(seconds) } : {};
  }

  #proc(name: string): Promise<string | undefined> {
    return readFile(join(this.#options.hostProc, name), "utf8").catch(() => undefined);
  }

  /** Systems without /proc tell some of it in other ways; a /proc that was named and lacks something is a figure that cannot be had. */
  get #hasProc(): boolean {
    return process.platform === "linux" || !this.#isOwnProc;
  }

  get #isOwnProc(): boolean {
    return this.#options.hostProc === "/proc";
  }
}

function memoryFigures(memoryTotal: number, memoryFree: number): HostMetrics {
  return { memoryTotal, memoryUsed: memoryTotal - memoryFree, memoryFree };
}

function systemCpuTimes(): CpuTimes | undefined {
  const cores = cpus();
  if (cores.length === 0) return undefined;
  const sum = (kind: "user" | "nice" | "sys" | "irq" | "idle"): number =>
    cores.reduce((time, core) => time + core.times[kind], 0);
  const busy = sum("user") + sum("nice") + sum("sys") + sum("irq");
  return { busy, total: busy + sum("idle"), cores: cores.length };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
