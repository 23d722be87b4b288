import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { type TempDir, tempDir } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cpuUsage, parseCpuTimes } from "./cpu-times.ts";
import { type HostMetricsOptions, HostMetricsReader } from "./host-metrics.ts";
import { isVirtualInterface, parseInterfaces } from "./network-traffic.ts";

let proc: TempDir;

beforeEach(async () => {
  proc = await tempDir();
});
afterEach(() => proc.stop());

function put(name: string, text: string): void {
  mkdirSync(dirname(join(proc.path, name)), { recursive: true });
  writeFileSync(join(proc.path, name), text);
}

const STAT = (user: number, idle: number, iowait = 0) =>
  `cpu  ${user} 0 0 ${idle} ${iowait} 0 0 0 50 0\ncpu0 ${user} 0 0 ${idle} 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0 0 0\nintr 5 0\nctxt 9\n`;
const DEV = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 999 1 0 0 0 0 0 0 999 1 0 0 0 0 0 0
  eth0: 1000 7 0 0 0 0 0 0 200 8 0 0 0 0 0 0
enp3s0:500 7 0 0 0 0 0 0 50 8 0 0 0 0 0 0
 wlan0:  18446744073709551615 7 0 0 0 0 0 0 0 8 0 0 0 0 0 0
docker0: 77 7 0 0 0 0 0 0 77 8 0 0 0 0 0 0
br-1a2b3c4d5e6f: 77 7 0 0 0 0 0 0 77 8 0 0 0 0 0 0
veth12ab: 77 7 0 0 0 0 0 0 77 8 0 0 0 0 0 0
eth0.100: 77 7 0 0 0 0 0 0 77 8 0 0 0 0 0 0
`;

function reader(options: Partial<HostMetricsOptions> = {}): HostMetricsReader {
  return new HostMetricsReader({ hostProc: proc.path, dataRoot: async () => proc.path, skipDisk: false, ...options });
}

describe("a host's /proc", () => {
  test("gives every figure", async () => {
    put("stat", STAT(100, 900));
    put("meminfo", "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    12000 kB\nBuffers: 1 kB\n");
    put("uptime", "6779.42 13000.11\n");
    put("1/net/dev", DEV);
    put("net/dev", DEV.replaceAll("1000", "5"));
    const metrics = reader();
    const first = await metrics.read();
    // Nothing has happened between the two samples of the first reading.
    expect(first).not.toHaveProperty("cpuUsage");
    put("stat", STAT(175, 1000, 25));
    const { diskTotal = 0, diskUsed = 0, diskFree = 0, ...second } = await metrics.read();
    expect(second).toEqual({
      cpuUsage: 37.5,
      cpuCores: 2,
      memoryTotal: 16_384_000,
      memoryUsed: 4_096_000,
      memoryFree: 12_288_000,
      networkRxBytes: 1500 + 2 ** 64,
      networkTxBytes: 250,
      uptime: 6779,
    });
    expect(diskUsed + diskFree).toBe(diskTotal);
    expect(diskTotal).toBeGreaterThan(0);
  });

  test("leaves out what it does not have", async () => {
    expect(await reader({ dataRoot: async () => undefined }).read()).toEqual({});
    expect(await reader({ dataRoot: async () => "/no/such/folder" }).read()).toEqual({});
    expect(await reader({ dataRoot: () => Promise.reject(new Error("engine away")) }).read()).toEqual({});
    expect(await reader({ skipDisk: true }).read()).toEqual({});
    for (const name of ["stat", "meminfo", "uptime", "net/dev"]) put(name, "nonsense 1 2 3\n\n\nnonsense: x");
    expect(await reader({ skipDisk: true }).read()).toEqual({});
    put("net/dev", DEV.replace(/^.*(eth0|enp3s0|wlan0).*\n/gm, ""));
    expect(await reader({ skipDisk: true }).read()).toEqual({});
    rmSync(join(proc.path, "net"), { recursive: true });
  });

  test("of an old kernel estimates the memory that is available", async () => {
    put("meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 250 kB\n");
    const { memoryUsed, memoryFree } = await reader().read();
    expect([memoryUsed, memoryFree]).toEqual([600 * 1024, 400 * 1024]);
  });
});

test("this machine's own /proc", async () => {
  const metrics = new HostMetricsReader({ hostProc: "/proc", dataRoot: async () => "/", skipDisk: false });
  const first = await metrics.read();
  // Some work, so that there is something to see.
  const until = performance.now() + 100;
  while (performance.now() < until);
  const second = await metrics.read();
  for (const figures of [first, second]) {
    expect(figures.cpuUsage).toBeGreaterThanOrEqual(0);
    expect(figures.cpuUsage).toBeLessThanOrEqual(100);
    expect(figures.cpuCores).toBe(cpus().length);
    expect(figures.memoryTotal).toBe(totalmem());
    expect(figures.memoryUsed).toBeGreaterThan(0);
    expect(figures.diskTotal).toBeGreaterThan(0);
    expect(figures.uptime).toBeGreaterThan(0);
  }
  expect(second.cpuUsage).toBeGreaterThan(0);
});

test("usage of the processor stays within bounds whatever the kernel says", () => {
  const at = (busy: number, total: number) => ({ busy, total, cores: 1 });
  expect(cpuUsage(at(0, 0), at(1, 3))).toBe(33.33);
  expect(cpuUsage(at(5, 10), at(4, 20))).toBe(0);
  expect(cpuUsage(at(5, 10), at(30, 20))).toBe(100);
  expect(cpuUsage(at(5, 10), at(5, 10))).toBeUndefined();
  expect(cpuUsage(at(5, 10), at(1, 3))).toBeUndefined();
  expect(parseCpuTimes("cpu  10 1 5 80 4 1 1 2 7 0\ncpu0 1\n")).toEqual({ busy: 20, total: 104, cores: 1 });
  expect(parseCpuTimes("")).toBeUndefined();
});

test.each([
  ["eth0 eno1 enp0s31f6 ens18 enx001122334455 wlan0 wlp2s0 wwan0 en0 usb0 venet0 ib0 hsn0", false],
  [
    "lo docker0 docker_gwbridge br-0123456789ab br0 veth1a2b3c podman1 virbr0 vmbr0 vnet3 cni0 cali1234 flannel.1",
    true,
  ],
  ["tun0 tap0 wg0 tailscale0 bond0 team0 vlan5 eth0.5 dummy0 ifb0 kube-ipvs0 tunl0 sit0 lxcbr0 lxdbr0 macvlan0", true],
])("%s: virtual %s", (names, virtual) => {
  for (const name of names.split(" ")) expect([name, isVirtualInterface(name)]).toEqual([name, virtual]);
});

test("interfaces whose figures touch the colon, and aliases", () => {
  const header = "Inter-| Receive\n face |bytes\n";
  const line = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16";
  expect([...parseInterfaces(`${header}  eth0:${line}\neth0:1: ${line}\nbroken: x\n`)]).toEqual([
    ["eth0", { networkRxBytes: 1, networkTxBytes: 9 }],
    ["eth0:1", { networkRxBytes: 1, networkTxBytes: 9 }],
  ]);
});
