/** Processor time of the whole host since boot, in any unit. */
export interface CpuTimes {
  busy: number;
  total: number;
  cores: number;
}

/** Reads `/proc/stat` (proc(5)). Undefined when it is not that. */
export function parseCpuTimes(stat: string): CpuTimes | undefined {
  const line = /^cpu +([\d ]+)$/m.exec(stat)?.[1];
  if (line === undefined) return undefined;
  // user nice system idle iowait irq softirq steal; guest times that follow are part of user and nice.
  const times = line.trim().split(/ +/).slice(0, 8).map(Number);
  const total = times.reduce((sum, time) => sum + time, 0);
  const waiting = (times[3] ?? 0) + (times[4] ?? 0);
  return { busy: total - waiting, total, cores: stat.match(/^cpu\d+ /gm)?.length ?? 0 };
}

/** Percent of the whole host that was busy between two readings, 0-100. Undefined when no time has passed. */
export function cpuUsage(before: CpuTimes, after: CpuTimes): number | undefined {
  const total = after.total - before.total;
  if (total <= 0) return undefined;
  // Time waiting for disks may run backwards (proc(5)).
  const percent = (100 * (after.busy - before.busy)) / total;
  return Math.round(Math.min(100, Math.max(0, percent)) * 100) / 100;
}
