import { FairleadError } from "@fairlead/protocol";
import type { Caller } from "./caller.ts";

export interface CallerSlotsOptions {
  /** What a caller has open, in words: "logs". */
  readonly what: string;
  /** Open at once of one token or person. */
  readonly perCaller: number;
  /** Open at once of all callers. */
  readonly total: number;
}

/** Counts what callers keep open, so that nobody holds more than a share. */
export class CallerSlots {
  readonly #options: CallerSlotsOptions;
  readonly #byCaller = new Map<string, number>();
  #total = 0;

  constructor(options: CallerSlotsOptions) {
    this.#options = options;
  }

  get taken(): number {
    return this.#total;
  }

  /** @returns To be called once, when it has ended. @throws FairleadError too_many_requests. */
  take({ kind, id, name }: Caller): () => void {
    const { what, perCaller, total } = this.#options;
    const key = `${kind} ${id}`;
    const open = this.#byCaller.get(key) ?? 0;
    if (open >= perCaller) {
      throw new FairleadError("too_many_requests", `${name} has ${perCaller} ${what} open already. Close some first.`);
    }
    if (this.#total >= total) {
      throw new FairleadError("too_many_requests", `All callers together have ${total} ${what} open already.`);
    }
    this.#total += 1;
    this.#byCaller.set(key, open + 1);
    return () => this.#give(key);
  }

  #give(key: string): void {
    this.#total -= 1;
    const left = (this.#byCaller.get(key) ?? 1) - 1;
    if (left === 0) this.#byCaller.delete(key);
    else this.#byCaller.set(key, left);
  }
}
