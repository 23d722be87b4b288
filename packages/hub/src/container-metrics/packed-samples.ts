import type { ContainerFigures } from "@fairlead/protocol/rest";

/** Figures of a container at one time. */
export interface FigureSample {
  /** Unix seconds. */
  readonly at: number;
  readonly figures: ContainerFigures;
}

/** A bit of each sample's mask, from the lowest on. What is stored depends on the order: names are only ever added, up to eight. */
const NAMES = [
  "cpuPercent",
  "memoryBytes",
  "memoryLimitBytes",
  "pids",
  "networkRxBytes",
  "networkTxBytes",
  "blockReadBytes",
  "blockWriteBytes",
] as const satisfies readonly (keyof ContainerFigures)[];

/** Stored in hundredths: figures are whole numbers there. */
const SCALES: { readonly [name in keyof ContainerFigures]?: number } = { cpuPercent: 100 };

/** 4.5 PB. A difference of two such numbers, doubled for its sign, is still exact. A figure beyond is none. */
const MAX_STORED = 2 ** 52;

/**
 * Packs samples in the order of time, some 10 to 20 bytes each: the seconds since the one before, a mask of the figures it has,
 * and how much each differs from the one before, all as varints (7 bits a byte, differences zigzag).
 *
 * @param start Unix seconds, at or before the first sample: what the first is counted from.
 */
export function packSamples(start: number, samples: readonly FigureSample[]): Uint8Array {
  const bytes: number[] = [];
  const last = new Map<string, number>();
  let time = start;
  for (const { at, figures } of samples) {
    writeVarint(bytes, at - time);
    time = at;
    const present = NAMES.filter((name) => isStored(storedValue(figures, name)));
    bytes.push(present.reduce((mask, name) => mask | (1 << NAMES.indexOf(name)), 0));
    for (const name of present) {
      const value = storedValue(figures, name) ?? 0;
      const change = value - (last.get(name) ?? 0);
      writeVarint(bytes, change >= 0 ? change * 2 : -change * 2 - 1);
      last.set(name, value);
    }
  }
  return Uint8Array.from(bytes);
}

export function unpackSamples(start: number, packed: Uint8Array): FigureSample[] {
  const reader = new VarintReader(packed);
  const last = new Map<string, number>();
  const samples: FigureSample[] = [];
  for (let at = start; !reader.isAtEnd;) {
    at += reader.varint();
    const mask = reader.byte();
    const figures: { -readonly [name in keyof ContainerFigures]: number } = {};
    for (const [bit, name] of NAMES.entries()) {
      if ((mask & (1 << bit)) === 0) continue;
      const zigzag = reader.varint();
      const change = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      const value = (last.get(name) ?? 0) + change;
      last.set(name, value);
      figures[name] = value / (SCALES[name] ?? 1);
    }
    samples.push({ at, figures });
  }
  return samples;
}

function storedValue(figures: ContainerFigures, name: (typeof NAMES)[number]): number | undefined {
  const figure = figures[name];
  return figure === undefined ? undefined : Math.round(figure * (SCALES[name] ?? 1));
}

function isStored(value: number | undefined): boolean {
  return value !== undefined && value >= 0 && value < MAX_STORED;
}

/** Not with bit operations, which end at 32 bits. */
function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
}

class VarintReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError("Packed samples end in the midst of one");
    this.#at += 1;
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  }
}
