import { open } from "node:fs/promises";
import { join } from "node:path";
import { MAX_BODY_BYTES } from "@fairlead/protocol";
import { patternBytes, tempDir } from "@fairlead/testkit";
import { openBareRelay } from "./bare-relay.ts";
import { startBenchEngine } from "./bench-engine.ts";
import { cpuSeconds } from "./cpu-time.ts";
import { curlDownload, curlUpload } from "./curl.ts";
import { type Budget, type Figure, median } from "./report.ts";
import type { Sizes } from "./sizes.ts";
import { openSshForward } from "./ssh-forward.ts";
import type { Target } from "./target.ts";
import { type Link, LINKS, openTunnel } from "./tunnel.ts";

const GIB = 1024 ** 3;
const FILE_PART_BYTES = 16 * 1024 ** 2;
const NO_SLOWER_THAN_SSH: Budget = { ratioAtLeast: 1 };
const FASTER_THAN_1_0: Budget = { ratioAtLeast: 1.8 };
/** CPU time of both ends against that of ssh's. ssh encrypts once; with wss the caller's leg to the hub is encrypted, too. */
const CPU_BUDGETS: Record<Link, Budget> = { ws: { ratioAtMost: 1.5 }, wss: { ratioAtMost: 2.2 } };

/** A way to the engine, and the processes that carry the bytes on it. */
interface Carrier {
  readonly target: Target;
  readonly pids: readonly number[];
  /** Protocol 1.0 carries bodies of at most 16 MiB: as many of those as it takes. */
  readonly isUploadedInParts?: boolean;
}

interface Measured {
  readonly megabytesPerSecond: number[];
  readonly cpuSecondsPerGib: number[];
}

/** A large download, discarded by the client. */
export async function benchBulkDown({ bulkBytes, runs }: Sizes): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const carriers = await openCarriers(stack);
  const results = await measureAll(carriers, bulkBytes, runs, ({ target }) => curlDownload(target, bulkBytes));
  return figuresOf(`${sizeOf(bulkBytes)} down`, results);
}

/** A large upload, counted and discarded by the engine. */
export async function benchBulkUp({ bulkBytes, runs }: Sizes): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const carriers = await openCarriers(stack);
  const folder = stack.use(await tempDir());
  const partBytes = Math.min(bulkBytes, MAX_BODY_BYTES);
  const whole = await patternFile(folder.path, bulkBytes, "whole");
  const part = await patternFile(folder.path, partBytes, "part");
  const results = await measureAll(carriers, bulkBytes, runs, ({ target, isUploadedInParts }) =>
    isUploadedInParts
      ? curlUpload(target, part, partBytes, bulkBytes / partBytes)
      : curlUpload(target, whole, bulkBytes),
  );
  return figuresOf(`${sizeOf(bulkBytes)} up`, results);
}

/** Through streams, plain and over TLS, and what they are compared with: the engine's own socket, `ssh -L`, bare relays and 1.0 streams. */
async function openCarriers(stack: AsyncDisposableStack): Promise<Carrier[]> {
  const { direct, socketPath } = stack.use(await startBenchEngine());
  const carriers: Carrier[] = [{ target: direct, pids: [] }, stack.use(await openSshForward(socketPath))];
  for (const link of LINKS) carriers.push(stack.use(await openTunnel({ socketPath, link })));
  for (const link of LINKS) carriers.push(stack.use(await openBareRelay({ socketPath, link })));
  for (const link of LINKS) {
    const tunnel = stack.use(await openTunnel({ socketPath, link, hasStreams: false }));
    carriers.push({ ...tunnel, isUploadedInParts: true });
  }
  return carriers;
}

const sizeOf = (bytes: number): string => (bytes >= GIB ? `${bytes / GIB} GiB` : `${bytes / 1024 ** 2} MiB`);

/**
 * A file of the engine's pattern: no text, which 1.0 would send escaped instead of as base64. It is read from the page cache, and on the
 * disk before anything is measured.
 */
async function patternFile(folder: string, bytes: number, name: string): Promise<string> {
  const path = join(folder, name);
  await using file = await open(path, "w");
  for (let at = 0; at < bytes; at += FILE_PART_BYTES) {
    await file.write(patternBytes(Math.min(FILE_PART_BYTES, bytes - at), at));
  }
  await file.sync();
  return path;
}

/** All of them in turn, so that whatever the machine does meanwhile meets them alike. */
async function measureAll(
  carriers: readonly Carrier[],
  bytes: number,
  runs: number,
  transfer: (carrier: Carrier) => Promise<number>,
): Promise<Map<string, Measured>> {
  const results = new Map<string, Measured>();
  for (let run = 0; run < runs; run += 1) {
    for (const carrier of carriers) {
      const { name } = carrier.target;
      const measured = results.get(name) ?? { megabytesPerSecond: [], cpuSecondsPerGib: [] };
      results.set(name, measured);
      const before = await cpuSeconds(carrier.pids);
      const seconds = await transfer(carrier);
      const cpu = (await cpuSeconds(carrier.pids)) - before;
      measured.megabytesPerSecond.push(bytes / 1e6 / seconds);
      measured.cpuSecondsPerGib.push(cpu / (bytes / GIB));
    }
  }
  return results;
}

function figuresOf(what: string, results: Map<string, Measured>): Figure[] {
  const rate = (of: string): number => median(results.get(of)?.megabytesPerSecond ?? []);
  const cpu = (of: string): number => median(results.get(of)?.cpuSecondsPerGib ?? []);
  const compare = (name: string, to: string, budget?: Budget): Figure => ({
    name: `${what}, ${name}`,
    unit: "MB/s",
    value: rate(name),
    reference: { name: to, value: rate(to) },
    ...(budget === undefined ? {} : { budget }),
  });
  const through = (link: Link): Figure[] => [
    compare(link, "direct"),
    compare(link, "ssh", NO_SLOWER_THAN_SSH),
    compare(link, `bare, ${link}`),
    compare(link, `1.0, ${link}`, FASTER_THAN_1_0),
    {
      name: `${what}, ${link}, CPU of both ends for a GiB`,
      unit: "s",
      value: cpu(link),
      reference: { name: "ssh", value: cpu("ssh") },
      budget: CPU_BUDGETS[link],
    },
  ];
  return [compare("ssh", "direct"), ...LINKS.flatMap(through)];
}
