import { beforeEach, describe, expect, test } from "vitest";
import { type Corkable, GatheredWrites } from "./gathered-writes.ts";

/** Keeps what a connection would: each write made of the pieces that were held together. */
class Target implements Corkable {
  readonly writes: string[][] = [];
  #held: string[] | undefined;
  #corks = 0;

  cork(): void {
    this.#corks += 1;
    this.#held ??= [];
  }

  uncork(): void {
    this.#corks -= 1;
    if (this.#corks > 0 || this.#held === undefined) return;
    if (this.#held.length > 0) this.writes.push(this.#held);
    this.#held = undefined;
  }

  write(piece: string): void {
    if (this.#held) this.#held.push(piece);
    else this.writes.push([piece]);
  }
}

const KIB = 1024;

describe("GatheredWrites", () => {
  let target: Target;
  let ends: (() => void)[];
  let gathered: GatheredWrites;
  const add = (piece: string, bytes: number, to = target): void => gathered.add(to, bytes, () => to.write(piece));
  const endTurn = (): void => {
    for (const end of ends.splice(0)) end();
  };

  beforeEach(() => {
    target = new Target();
    ends = [];
    gathered = new GatheredWrites((end) => ends.push(end));
  });

  test("what is small goes out together at the end of the turn, and waits for nothing else", async () => {
    add("a", 3);
    add("b", 5);
    expect(target.writes).toEqual([]);
    await Promise.resolve();
    expect(target.writes).toEqual([["a", "b"]]);
    expect(ends).toEqual([]);
  });

  test("bulk waits until all that can be read has been, over several turns", async () => {
    add("a", 16 * KIB);
    await Promise.resolve();
    add("b", 16 * KIB);
    await Promise.resolve();
    expect(target.writes).toEqual([]);
    endTurn();
    expect(target.writes).toEqual([["a", "b"]]);
  });

  test("a full write goes out at once, and what comes then is a new one", () => {
    for (const piece of ["a", "b", "c", "d", "e"]) add(piece, 16 * KIB);
    expect(target.writes).toEqual([["a", "b", "c", "d"]]);
    endTurn();
    expect(target.writes).toEqual([["a", "b", "c", "d"], ["e"]]);
  });

  test("is let go as often as it is held, whatever the order of turns and targets", async () => {
    const other = new Target();
    add("a", 64 * KIB);
    add("b", 10);
    add("c", 9 * KIB, other);
    await Promise.resolve();
    add("d", 9 * KIB, other);
    endTurn();
    await Promise.resolve();
    target.write("last");
    other.write("last");
    expect(target.writes.flat()).toEqual(["a", "b", "last"]);
    expect(other.writes.flat()).toEqual(["c", "d", "last"]);
  });
});
