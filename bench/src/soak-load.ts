import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type DockerTarget,
  download,
  echo,
  type FaultyNetwork,
  type SeededRandom,
  seededRandom,
  type Transfer,
  upload,
} from "@fairlead/testkit";

const KIB = 1024;
const MIB = 1024 * KIB;

const MAX_UPLOAD_BYTES = 64 * MIB;
const MAX_DOWNLOAD_BYTES = 64 * MIB;
const SLOW_READER = { bytes: 4 * MIB, bytesPerSecond: 512 * KIB };
/** Between two small requests of one caller: dashboards ask, they do not hammer. */
const THINK_MS = 5;
/** After a failure: a caller that finds the agent away does not try again at once. */
const RETRY_MS = 200;
const MIN_CUT_INTERVAL_MS = 12_000;
const MAX_CUT_INTERVAL_MS = 30_000;
/** Failures this long after a cut are its consequence: the agent waits up to a second before it dials again, and the link takes a moment. */
const AFTERMATH_MS = 5_000;
/** At the end everything under way gets so long: the longest transfers take some ten seconds, and the hub gives a dead link up after thirty. */
const END_TIMEOUT_MS = 120_000;

/** What the callers have seen so far. */
export interface LoadCounts {
  /** Small requests and transfers that were complete. */
  done: number;
  /** Those that failed while the network was cut, or soon after. */
  failed: number;
  /** Those that failed for no such reason. */
  unexpected: number;
  /** Callers that went away on purpose. */
  left: number;
  /** Transfers that looked clean and were not. */
  wrong: number;
  /** Transfers that did not end. */
  stuck: number;
  bytes: number;
  cuts: number;
}

/** Mixed load on one environment: what people and programs do with a Docker host, at once, for as long as it runs. */
export class SoakLoad {
  readonly counts: LoadCounts = { done: 0, failed: 0, unexpected: 0, left: 0, wrong: 0, stuck: 0, bytes: 0, cuts: 0 };
  /** What the first unexpected or wrong ends looked like, and what did not end. */
  readonly complaints: string[] = [];
  readonly #target: DockerTarget;
  readonly #network: FaultyNetwork;
  readonly #keepAlive = new Agent({ keepAlive: true });
  readonly #stop = new AbortController();
  readonly #running: Promise<void>[] = [];
  /** What each caller does now, by its number. */
  readonly #underWay = new Map<number, string>();
  #lastCutAt = Number.NEGATIVE_INFINITY;

  constructor(target: DockerTarget, network: FaultyNetwork) {
    this.#target = target;
    this.#network = network;
  }

  /** @param withEchoes whether upgraded connections are carried. */
  start({ withEchoes }: { withEchoes: boolean }): void {
    const target = this.#target;
    const framings = ["length", "chunked", "eof"] as const;
    this.#repeat("small request", 4, THINK_MS, (random) =>
      this.#ask(random.pick(["/_ping", "/v1.45/containers/json", "/v1.45/info"])),
    );
    this.#repeat("download", 2, 0, (random) =>
      download(target, { bytes: sizeBelow(MAX_DOWNLOAD_BYTES, random), framing: random.pick(framings) }),
    );
    this.#repeat("upload", 1, 0, (random) =>
      upload(target, { bytes: sizeBelow(MAX_UPLOAD_BYTES, random), framing: random.pick(["length", "chunked"]) }),
    );
    this.#repeat("slow reader", 2, 0, (random) => download(target, { ...SLOW_READER, framing: random.pick(framings) }));
    this.#repeat("leaving reader", 1, 500, (random) =>
      download(target, { bytes: MAX_DOWNLOAD_BYTES, leaveAfterBytes: random.integer(1, 4 * MIB) }),
    );
    if (withEchoes) this.#repeat("echo", 2, 100, (random) => echo(target, { bytes: sizeBelow(4 * MIB, random) }));
    this.#running.push(this.#cutNowAndThen(seededRandom(this.#running.length)));
  }

  /** Ends when what is under way has ended, or should have. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.race([Promise.all(this.#running), sleep(END_TIMEOUT_MS, undefined, { ref: false })]);
    this.#keepAlive.destroy();
    this.counts.stuck = this.#underWay.size;
    for (const what of this.#underWay.values()) this.complaints.push(`stuck: ${what}`);
  }

  #repeat(name: string, callers: number, pauseMs: number, once: (random: SeededRandom) => Promise<Transfer>): void {
    for (let caller = 0; caller < callers; caller += 1) {
      this.#running.push(this.#repeatOne(name, this.#running.length, pauseMs, once));
    }
  }

  async #repeatOne(
    name: string,
    caller: number,
    pauseMs: number,
    once: (random: SeededRandom) => Promise<Transfer>,
  ): Promise<void> {
    const random = seededRandom(caller);
    while (!this.#stop.signal.aborted) {
      const startedAt = performance.now();
      this.#underWay.set(caller, `${name}, begun at ${new Date().toISOString()}`);
      const transfer = await once(random);
      this.#underWay.delete(caller);
      this.#count(transfer, startedAt);
      await this.#pause(transfer.outcome === "failed" ? RETRY_MS : pauseMs);
    }
  }

  #count({ outcome, bytes, detail }: Transfer, startedAt: number): void {
    const { counts } = this;
    counts.bytes += bytes;
    if (outcome === "complete") counts.done += 1;
    else if (outcome === "left") counts.left += 1;
    else if (outcome === "failed" && startedAt < this.#lastCutAt + AFTERMATH_MS) counts.failed += 1;
    else {
      counts[outcome === "wrong" ? "wrong" : "unexpected"] += 1;
      if (this.complaints.length < 10) this.complaints.push(`${outcome}: ${detail}`);
    }
  }

  async #cutNowAndThen(random: SeededRandom): Promise<void> {
    for (;;) {
      await this.#pause(random.integer(MIN_CUT_INTERVAL_MS, MAX_CUT_INTERVAL_MS));
      if (this.#stop.signal.aborted) return;
      this.#lastCutAt = performance.now();
      this.counts.cuts += 1;
      this.#network.cut();
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => {});
  }

  /** A small request on a connection that is kept. */
  #ask(path: string): Promise<Transfer> {
    const { connection, prefix, headers } = this.#target;
    const { promise, resolve } = Promise.withResolvers<Transfer>();
    const failed = (error: Error): void =>
      resolve({ outcome: "failed", bytes: 0, detail: `${path}: ${String(error)}` });
    request({ ...connection, path: prefix + path, headers, agent: this.#keepAlive }, (response) => {
      const { statusCode } = response;
      response.toArray().then((chunks: Buffer[]) => {
        const bytes = Buffer.concat(chunks).length;
        resolve({ outcome: statusCode === 200 ? "complete" : "failed", bytes, detail: `${path}: ${statusCode}` });
      }, failed);
    })
      .on("error", failed)
      .end();
    return promise;
  }
}

/** Small ones are as frequent as large ones: even over the powers of two. */
function sizeBelow(maxBytes: number, random: SeededRandom): number {
  const exponent = random.integer(10, Math.floor(Math.log2(maxBytes)));
  return Math.min(maxBytes, random.integer(2 ** exponent, 2 ** (exponent + 1)));
}
