/** What is used of the engine's `/containers/ID/stats`; anything may be missing. */
export interface EngineStats {
  cpu_stats?: CpuStats;
  precpu_stats?: CpuStats;
  memory_stats?: { usage?: number; limit?: number; stats?: Record<string, number> };
  networks?: Record<string, { rx_bytes?: number; tx_bytes?: number }>;
  blkio_stats?: { io_service_bytes_recursive?: { op?: string; value?: number }[] | null };
  pids_stats?: { current?: number };
}

interface CpuStats {
  cpu_usage?: { total_usage?: number; percpu_usage?: number[] | null };
  system_cpu_usage?: number;
  online_cpus?: number;
}

/** Figures of one container; null where the engine does not tell. */
export interface ContainerFigures {
  /** 100 is one processor. */
  readonly cpuPercent: number | null;
  /** Without the page cache that the kernel gives back when needed, as docker shows it. */
  readonly memoryBytes: number | null;
  readonly memoryLimitBytes: number | null;
  readonly networkRxBytes: number | null;
  readonly networkTxBytes: number | null;
  readonly blockReadBytes: number | null;
  readonly blockWriteBytes: number | null;
  readonly pids: number | null;
}

/** The figures that `docker stats` shows, computed as it does. */
export function containerFigures(stats: EngineStats): ContainerFigures {
  const networks = stats.networks === undefined ? undefined : Object.values(stats.networks);
  const blocks = stats.blkio_stats?.io_service_bytes_recursive ?? undefined;
  const sum = (values: (number | undefined)[]): number =>
    values.reduce<number>((total, value) => total + (value ?? 0), 0);
  const blocksOf = (operation: string): number | null =>
    blocks === undefined
      ? null
      : sum(blocks.filter(({ op }) => op?.toLowerCase() === operation).map(({ value }) => value));
  return {
    cpuPercent: cpuPercent(stats.cpu_stats, stats.precpu_stats),
    memoryBytes: memoryUsed(stats.memory_stats),
    memoryLimitBytes: stats.memory_stats?.limit ?? null,
    networkRxBytes: networks === undefined ? null : sum(networks.map(({ rx_bytes }) => rx_bytes)),
    networkTxBytes: networks === undefined ? null : sum(networks.map(({ tx_bytes }) => tx_bytes)),
    blockReadBytes: blocksOf("read"),
    blockWriteBytes: blocksOf("write"),
    pids: stats.pids_stats?.current ?? null,
  };
}

function cpuPercent(now: CpuStats | undefined, before: CpuStats | undefined): number | null {
  const used = difference(now?.cpu_usage?.total_usage, before?.cpu_usage?.total_usage);
  const system = difference(now?.system_cpu_usage, before?.system_cpu_usage);
  if (used === undefined || system === undefined || system <= 0) return null;
  const cpus = now?.online_cpus || (now?.cpu_usage?.percpu_usage?.length ?? 1);
  return Math.max(0, (used / system) * cpus * 100);
}

function difference(now: number | undefined, before: number | undefined): number | undefined {
  return now === undefined || before === undefined ? undefined : now - before;
}

/** cgroup v1 counts the cache as `total_inactive_file`, v2 as `inactive_file`. */
function memoryUsed(memory: EngineStats["memory_stats"]): number | null {
  if (memory?.usage === undefined) return null;
  const cache = memory.stats?.["total_inactive_file"] ?? memory.stats?.["inactive_file"] ?? 0;
  return cache < memory.usage ? memory.usage - cache : memory.usage;
}
