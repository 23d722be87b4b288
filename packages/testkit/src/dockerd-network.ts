import { randomInt } from "node:crypto";
import { runCommand } from "./run-command.ts";

/** The 10.x.y.0/20 that one daemon takes its networks from. */
export interface AddressPool {
  /** Second byte of the addresses. */
  second: number;
  /** Third byte of the first address, a multiple of 16. */
  third: number;
}

/** A /20 of 10.128.0.0/9 that no interface of this machine is in, chosen at random among 2,048. */
export async function freeAddressPool(): Promise<AddressPool> {
  const interfaces = await listInterfaces();
  for (;;) {
    const pool = { second: randomInt(128, 256), third: randomInt(16) * 16 };
    if (!interfaces.some(({ address }) => isInPool(address, pool))) return pool;
  }
}

/** Makes the pool's first /24 a bridge. @throws Error with what `ip` said. */
export async function createBridge(name: string, { second, third }: AddressPool): Promise<void> {
  await ipOk(["link", "add", name, "type", "bridge"]);
  await ipOk(["address", "add", `10.${second}.${third}.1/24`, "dev", name]);
  await ipOk(["link", "set", name, "up"]);
}

/** Removes every bridge in the pool: dockerd leaves those of user-defined networks behind when it ends. */
export async function removeBridges(pool: AddressPool): Promise<void> {
  for (const { name, address } of await listInterfaces()) {
    if (isInPool(address, pool)) await runCommand("ip", ["link", "delete", name]);
  }
}

function isInPool(address: string, { second, third }: AddressPool): boolean {
  const [a, b, c = -1] = address.split(".").map(Number);
  return a === 10 && b === second && c >= third && c < third + 16;
}

/** `os.networkInterfaces()` leaves out those without a carrier, as a bridge without containers is. */
async function listInterfaces(): Promise<{ name: string; address: string }[]> {
  const { stdout } = await runCommand("ip", ["-4", "-o", "address"]);
  // "7: br-0123  inet 10.199.160.1/24 brd ..."
  return [...stdout.toString().matchAll(/^\d+: ([^\s@]+)\S*\s+inet ([\d.]+)/gm)].map((match) => ({
    name: match[1] ?? "",
    address: match[2] ?? "",
  }));
}

async function ipOk(args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand("ip", args);
  if (code !== 0) throw new Error(`ip ${args.join(" ")} failed: ${stderr.toString().trim()}`);
}
