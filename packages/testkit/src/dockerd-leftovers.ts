import { readdir, readFile } from "node:fs/promises";
import { runCommand } from "./run-command.ts";

/**
 * Ends what a dead daemon left behind, of this daemon only: its containerd and shims (known by the daemon's folder in their
 * command line), the containers below those shims, and every mount below the folder.
 */
export async function removeDockerdLeftovers(folder: string): Promise<void> {
  await killProcessesOf(folder);
  await unmountBelow(folder);
}

async function killProcessesOf(folder: string): Promise<void> {
  const processes = await listProcesses();
  const doomed = new Set<number>();
  for (const { pid, command } of processes) {
    if (
      /^[^\0]*(containerd|containerd-shim[^\0]*|docker-proxy|runc)\0/.test(command) &&
      command.includes(`${folder}/`)
    ) {
      doomed.add(pid);
    }
  }
  // Children follow parents here often, but not always: repeat until nothing is added.
  for (let before = -1; before !== doomed.size;) {
    before = doomed.size;
    for (const { pid, parent } of processes) if (doomed.has(parent)) doomed.add(pid);
  }
  for (const pid of doomed) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

async function listProcesses(): Promise<{ pid: number; parent: number; command: string }[]> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  const read = pids.map(async (pid) => {
    const [command, stat] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, "utf8"),
      readFile(`/proc/${pid}/stat`, "utf8"),
    ]);
    // The second field, the name, is in parentheses and may hold anything: what follows the last ")" is regular.
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return { pid: Number(pid), parent, command };
  });
  const settled = await Promise.allSettled(read);
  return settled.flatMap((entry) => (entry.status === "fulfilled" ? [entry.value] : []));
}

async function unmountBelow(folder: string): Promise<void> {
  const table = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const points = table
    .split("\n")
    .map((line) => (line.split(" ")[4] ?? "").replaceAll(/\\(\d{3})/g, (_, octal: string) => charOf(octal)))
    .filter((point) => point.startsWith(`${folder}/`));
  if (points.length > 0) await runCommand("umount", ["--lazy", ...points.reverse()]);
}

function charOf(octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}
