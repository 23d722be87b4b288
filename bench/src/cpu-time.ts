import { readdir, readFile } from "node:fs/promises";

/** Of `/proc/PID/stat`; the kernel's USER_HZ, 100 on every platform that Node.js runs on. */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  /** User and system time, that of ended and waited-for children included. */
  readonly ticks: number;
}

/** CPU seconds, user and system, that these processes and all their descendants have used so far, ended ones included. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const all = await readProcesses();
  const counted = new Set(pids);
  // A child can have a smaller id than its parent: again until nothing new is found.
  for (let before = -1; before !== counted.size;) {
    before = counted.size;
    for (const { pid, parent } of all) if (counted.has(parent)) counted.add(pid);
  }
  const ticks = all.filter(({ pid }) => counted.has(pid)).reduce((sum, { ticks }) => sum + ticks, 0);
  return ticks / TICKS_PER_SECOND;
}

async function readProcesses(): Promise<ProcessTimes[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(names.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  return stats.flatMap((stat, at) => {
    // The second field is the program's name in parentheses, and may hold anything. After it: state, ppid, …, and from the
    // fourteenth field of proc(5) on utime, stime, cutime, cstime.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const times = fields.slice(11, 15).map(Number);
    if (times.length < 4) return [];
    return [{ pid: Number(names[at]), parent: Number(fields[1]), ticks: times.reduce((sum, each) => sum + each, 0) }];
  });
}
