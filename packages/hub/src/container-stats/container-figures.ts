import type { ContainerFigures } from "@fairlead/protocol/rest";

/** What an engine's counters said about CPU time at one moment, to be compared with the next. */
export interface CpuReading {
  /** Nanoseconds that the container has used. */
  readonly usedNs: number;
  /** Nanoseconds of all the host's CPUs, idle ones included; where the engine tells it. */
  readonly hostNs: number | undefined;
  readonly cpus: number | undefined;
  /** The engine's time, Unix milliseconds. */
  readonly at: number;
}

export interface ContainerReading {
  readonly figures: ContainerFigures;
  readonly cpu: CpuReading | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Engines answer for a container that does not run with the time that stands for none. */
const NO_TIME = /^0001-/;

/**
 * Figures from an engine's answer to `/containers/{id}/stats`. Undefined: the container does not run.
 *
 * @param before of the same container. The engine's own comparison (`precpu_stats`) is not in a one-shot answer.
 */
export function readFigures(stats: unknown, before: CpuReading | undefined): ContainerReading | undefined {
  const answer = fieldsOf(stats);
  const read = answer["read"];
  if (typeof read !== "string" || NO_TIME.test(read)) return undefined;
  const cpu = cpuReading(fieldsOf(answer["cpu_stats"]), Date.parse(read));
  const memory = fieldsOf(answer["memory_stats"]);
  const networks = answer["networks"];
  const blocks = fieldsOf(answer["blkio_stats"])["io_service_bytes_recursive"];
  const figures = {
    cpuPercent: cpu && before && cpuPercent(before, cpu),
    memoryBytes: memoryBytes(memory),
    memoryLimitBytes: count(memory["limit"]),
    pids: count(fieldsOf(answer["pids_stats"])["current"]),
    networkRxBytes: sumOfNetworks(networks, "rx_bytes"),
    networkTxBytes: sumOfNetworks(networks, "tx_bytes"),
    blockReadBytes: sumOfBlocks(blocks, "read"),
    blockWriteBytes: sumOfBlocks(blocks, "write"),
  };
  return { figures: present(figures), cpu };
}

function cpuReading(stats: Fields, at: number): CpuReading | undefined {
  const usage = fieldsOf(stats["cpu_usage"]);
  const usedNs = count(usage["total_usage"]);
  if (usedNs === undefined || !Number.isFinite(at)) return undefined;
  const perCpu = usage["percpu_usage"];
  // Engines before 18.03 tell no number of CPUs.
  const cpus = count(stats["online_cpus"]) || (Array.isArray(perCpu) ? perCpu.length : undefined);
  return { usedNs, hostNs: count(stats["system_cpu_usage"]), cpus, at };
}

/** 100 is one core. Undefined: the counters began anew, or no time has passed. */
function cpuPercent(before: CpuReading, now: CpuReading): number | undefined {
  const used = now.usedNs - before.usedNs;
  if (used < 0) return undefined;
  const host = (now.hostNs ?? 0) - (before.hostNs ?? 0);
  // The host's share is a part of all: some engines (Podman 4) tell the container's own system time under this name.
  if (now.cpus !== undefined && before.hostNs !== undefined && host > 0 && host >= used) {
    return rounded((used / host) * now.cpus * 100);
  }
  const passedNs = (now.at - before.at) * 1e6;
  return passedNs > 0 ? rounded((used / passedNs) * 100) : undefined;
}

function rounded(percent: number): number {
  return Math.round(percent * 100) / 100;
}

/** As the docker CLI: what the kernel would give up at once is not used (cgroup v1, then v2). */
function memoryBytes(memory: Fields): number | undefined {
  const usage = count(memory["usage"]);
  if (usage === undefined) return undefined;
  const stats = fieldsOf(memory["stats"]);
  const inactive = count(stats["total_inactive_file"]) ?? count(stats["inactive_file"]) ?? 0;
  return inactive < usage ? usage - inactive : usage;
}

function sumOfNetworks(networks: unknown, field: string): number | undefined {
  return sum(Object.values(fieldsOf(networks)).map((network) => count(fieldsOf(network)[field])));
}

function sumOfBlocks(entries: unknown, operation: string): number | undefined {
  if (!Array.isArray(entries)) return undefined;
  const ofOperation = entries
    .map(fieldsOf)
    .filter(({ op }) => typeof op === "string" && op.toLowerCase() === operation);
  return sum(ofOperation.map(({ value }) => count(value)));
}

/** Of nothing there is no sum: 0 would be a figure. */
function sum(counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}

/** A limit that is none comes as a number beyond what can be. */
function count(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value < 2 ** 63 ? value : undefined;
}

function present(figures: { readonly [name in keyof ContainerFigures]: number | undefined }): ContainerFigures {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
