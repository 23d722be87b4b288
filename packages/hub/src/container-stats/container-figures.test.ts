import { expect, test } from "vitest";
import { type CpuReading, readFigures } from "./container-figures.ts";

/** As an engine of version 26 on cgroup v2 answers, shortened. */
const answer = {
  read: "2026-01-31T12:00:03.5Z",
  preread: "0001-01-01T00:00:00Z",
  pids_stats: { current: 3, limit: 18000 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 8, minor: 0, op: "read", value: 4096 },
      { major: 8, minor: 0, op: "write", value: 8192 },
      { major: 9, minor: 0, op: "Read", value: 4 },
    ],
  },
  cpu_stats: { cpu_usage: { total_usage: 5_000_000_000 }, system_cpu_usage: 108_000_000_000, online_cpus: 4 },
  memory_stats: { usage: 1_000_000, stats: { inactive_file: 300_000 }, limit: 8_000_000_000 },
  networks: { eth0: { rx_bytes: 10, tx_bytes: 20 }, eth1: { rx_bytes: 1, tx_bytes: 2 } },
};
/** Three seconds before. */
const before: CpuReading = {
  usedNs: 3_500_000_000,
  hostNs: 96_000_000_000,
  cpus: 4,
  at: Date.parse(answer.read) - 3000,
};

const figuresOf = (stats: unknown, earlier = before) => readFigures(stats, earlier)?.figures;

test("figures as docker stats shows them", () => {
  expect(readFigures(answer, before)).toEqual({
    figures: {
      // 1.5 s in 3 s: half a core.
      cpuPercent: 50,
      memoryBytes: 700_000,
      memoryLimitBytes: 8_000_000_000,
      pids: 3,
      networkRxBytes: 11,
      networkTxBytes: 22,
      blockReadBytes: 4100,
      blockWriteBytes: 8192,
    },
    cpu: { usedNs: 5_000_000_000, hostNs: 108_000_000_000, cpus: 4, at: Date.parse(answer.read) },
  });
});

test("what cannot be had is absent, never 0", () => {
  const bare = { ...answer, pids_stats: {}, memory_stats: {}, networks: undefined };
  expect(readFigures({ ...bare, blkio_stats: { io_service_bytes_recursive: null } }, undefined)?.figures).toEqual({});
  expect(figuresOf({ read: answer.read })).toEqual({});
  expect(figuresOf({ ...bare, blkio_stats: { io_service_bytes_recursive: [] }, networks: {} })).toEqual({
    cpuPercent: 50,
  });
});

test("cgroup v1: its inactive files, no number of CPUs, a limit that is none", () => {
  const stats = {
    ...answer,
    memory_stats: {
      usage: 900,
      limit: 2 ** 64,
      stats: { total_inactive_file: 100, inactive_file: 1 },
    },
    cpu_stats: { cpu_usage: { total_usage: 5_000_000_000, percpu_usage: [1, 2] }, system_cpu_usage: 102_000_000_000 },
  };
  expect(figuresOf(stats)).toMatchObject({ memoryBytes: 800, cpuPercent: 50 });
  expect(figuresOf(stats)).not.toHaveProperty("memoryLimitBytes");
});

test("without the host's time, or with the container's own in its place, the clock tells how much it was", () => {
  const usage = { cpu_usage: answer.cpu_stats.cpu_usage };
  expect(figuresOf({ ...answer, cpu_stats: usage })).toMatchObject({ cpuPercent: 50 });
  const own = { ...usage, system_cpu_usage: before.hostNs! + 10, online_cpus: 4 };
  expect(figuresOf({ ...answer, cpu_stats: own })).toMatchObject({ cpuPercent: 50 });
});

test("an idle container has 0, one that was started anew none", () => {
  expect(figuresOf(answer, { ...before, usedNs: 5_000_000_000 })).toMatchObject({ cpuPercent: 0 });
  expect(figuresOf(answer, { ...before, usedNs: 6_000_000_000 })).not.toHaveProperty("cpuPercent");
});

test.each([{ ...answer, read: "0001-01-01T00:00:00Z" }, {}, null, "x", []])("%j is no running container", (stats) => {
  expect(readFigures(stats, before)).toBeUndefined();
});
