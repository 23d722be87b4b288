import { readFile } from "node:fs/promises";
import type { Program } from "@fairlead/testkit";

const INTERVAL_MS = 100;

/** How far a program's memory (RSS) grows from what it is when the watch begins, by a look every 100 ms. */
export class MemoryWatch implements Disposable {
  readonly #program: Program;
  readonly #firstKiB: number;
  readonly #timer: NodeJS.Timeout;
  #lastKiB: number;
  #peakKiB: number;

  private constructor(program: Program, firstKiB: number) {
    this.#program = program;
    this.#firstKiB = firstKiB;
    this.#lastKiB = firstKiB;
    this.#peakKiB = firstKiB;
    this.#timer = setInterval(() => void this.#look(), INTERVAL_MS);
  }

  static async begin(program: Program): Promise<MemoryWatch> {
    return new MemoryWatch(program, (await program.memory()).rssKiB);
  }

  /** At the last look. */
  get growthMiB(): number {
    return (this.#lastKiB - this.#firstKiB) / 1024;
  }

  get peakGrowthMiB(): number {
    return (this.#peakKiB - this.#firstKiB) / 1024;
  }

  async #look(): Promise<void> {
    // An ended program shows elsewhere.
    this.#lastKiB = await this.#program.memory().then(
      ({ rssKiB }) => rssKiB,
      () => this.#lastKiB,
    );
    this.#peakKiB = Math.max(this.#peakKiB, this.#lastKiB);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The largest memory (RSS) that a process has had in its life, as the kernel saw it. */
export async function peakMemoryMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}
