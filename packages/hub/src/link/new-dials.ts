import type { LinkLimits } from "./link-limits.ts";

type NewDialLimits = Pick<LinkLimits, "maxNewDials" | "maxNewDialsPerAddress" | "maxNewDialBytes" | "plainHelloBytes">;

/** The connections that are not agents yet, by address; in all and for each address there is a limit. */
export class NewDials<Dial extends { readonly heldBytes: number }> {
  readonly #limits: NewDialLimits;
  readonly #byAddress = new Map<string, Set<Dial>>();
  #size = 0;
  #heldBytes = 0;

  constructor(limits: NewDialLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Whether one more from this address is welcome. When the limit for all is reached, one that came from the busiest
   * address has to make room for one from an address that has less than half as many: a flood does not keep others out.
   *
   * @param displace Ends a dial; it must `remove` it.
   */
  hasRoom(key: string, displace: (dial: Dial) => void): boolean {
    const own = this.#byAddress.get(key)?.size ?? 0;
    if (own >= this.#limits.maxNewDialsPerAddress) return false;
    if (this.#size < this.#limits.maxNewDials) return true;
    let busiest: Set<Dial> | undefined;
    for (const dials of this.#byAddress.values()) {
      if (dials.size > (busiest?.size ?? 0)) busiest = dials;
    }
    const [oldest] = busiest ?? [];
    if (oldest === undefined || own * 2 >= (busiest?.size ?? 0)) return false;
    displace(oldest);
    return true;
  }

  add(key: string, dial: Dial): void {
    const dials = this.#byAddress.get(key) ?? new Set();
    this.#byAddress.set(key, dials.add(dial));
    this.#size += 1;
  }

  /** Takes note of bytes that came on a dial. False: all together hold too much, and this one more than a hello needs. */
  mayHold(dial: Dial, bytes: number): boolean {
    this.#heldBytes += bytes;
    return this.#heldBytes <= this.#limits.maxNewDialBytes || dial.heldBytes <= this.#limits.plainHelloBytes;
  }

  remove(key: string, dial: Dial): void {
    const dials = this.#byAddress.get(key);
    if (!dials?.delete(dial)) return;
    this.#heldBytes -= dial.heldBytes;
    this.#size -= 1;
    if (dials.size === 0) this.#byAddress.delete(key);
  }

  *[Symbol.iterator](): Iterator<Dial> {
    for (const dials of this.#byAddress.values()) yield* dials;
  }
}
