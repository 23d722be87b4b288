import { setImmediate as nextTurn } from "node:timers/promises";
import { FairleadError } from "@fairlead/protocol";
import type { AuditHead, AuditProblem, AuditVerification } from "@fairlead/protocol/rest";
import { entryHash, GENESIS } from "./chain.ts";
import { contentOf, entryOf } from "./entry.ts";
import type { AuditRow } from "./record.ts";
import type { AuditAnchor, AuditStore } from "./store.ts";

/** Entries read and hashed in one go: a few milliseconds, then others get their turn. */
const PAGE_ENTRIES = 500;

/** Problems named. One is enough to know, and a hundred show what was done; a log that somebody else wrote has one an entry. */
const MAX_PROBLEMS = 100;

/** The action of the entry that tells of a cut by retention; its `details` have the anchor. */
export const PRUNE_ACTION = "audit.prune";

/**
 * Walks the whole log: every number is there, every entry gives its hash and goes on from the one before, the start is where
 * retention left it, and the head that was kept elsewhere is still in it.
 */
export async function verifyChain(store: AuditStore, keptHead?: AuditHead): Promise<AuditVerification> {
  const anchor = await store.anchor();
  const walk = new ChainWalk(anchor ?? GENESIS);
  for (let last = anchor?.number ?? 0; ;) {
    const rows = await store.after(last, PAGE_ENTRIES);
    for (const row of rows) walk.take(row);
    last = rows.at(-1)?.number ?? last;
    if (rows.length < PAGE_ENTRIES) break;
    await nextTurn();
  }
  if (anchor) await checkAnchor(anchor, store, walk);
  if (keptHead) await checkHead(keptHead, anchor, store, walk);
  const problems = walk.problems();
  return {
    intact: problems.length === 0,
    entries: walk.entries,
    prunedThrough: anchor ? { ...anchor, at: new Date(anchor.at).toISOString() } : null,
    head: walk.head,
    problems: problems.slice(0, MAX_PROBLEMS),
    furtherProblems: walk.further,
  };
}

class ChainWalk {
  entries = 0;
  further = 0;
  readonly #problems: AuditProblem[] = [];
  /** Entries that do not give their hash, kept to find out whether they only stand in another's place. */
  readonly #changed: AuditRow[] = [];
  #before: AuditHead;

  constructor(start: AuditHead) {
    this.#before = { number: start.number, hash: start.hash };
  }

  get head(): AuditHead {
    return this.#before;
  }

  take(row: AuditRow): void {
    this.entries += 1;
    const before = this.#before;
    if (row.number !== before.number + 1) {
      const first = before.number + 1;
      const last = row.number - 1;
      const which = first === last ? `Entry ${first} is` : `Entries ${first} to ${last} are`;
      this.report("missing", first, null, `${which} missing: entry ${row.number} follows ${before.number}.`);
    } else if (row.previous_hash !== before.hash) {
      const other = before.number === 0 ? "the start of the log" : `entry ${before.number}`;
      this.report(
        "broken",
        row.number,
        row,
        `Entry ${row.number} (${titleOf(row)}) goes on from the hash ${row.previous_hash}, but ${other} has ${before.hash}: one of the two was written anew.`,
      );
    }
    if (entryHash(row.previous_hash, contentOf(row)) !== row.hash) {
      if (this.#changed.length < MAX_PROBLEMS) this.#changed.push(row);
      else this.further += 1;
    }
    this.#before = { number: row.number, hash: row.hash };
  }

  report(kind: AuditProblem["kind"], number: number, row: AuditRow | null, message: string): void {
    if (this.#problems.length >= MAX_PROBLEMS) this.further += 1;
    else this.#problems.push({ kind, number, at: row ? entryOf(row).at : null, message });
  }

  /** In the order of numbers. */
  problems(): AuditProblem[] {
    const changed = this.#changed.splice(0);
    // An entry that only stands in another's place gives its hash under the number of one that does not fit either.
    const places = changed.map(({ number }) => number);
    for (const row of changed) {
      const isPlace = (number: number): boolean =>
        entryHash(row.previous_hash, contentOf({ ...row, number })) === row.hash;
      this.#reportChange(row, places.find(isPlace));
    }
    return this.#problems.toSorted((a, b) => a.number - b.number);
  }

  #reportChange(row: AuditRow, place: number | undefined): void {
    const name = `Entry ${row.number} (${titleOf(row)})`;
    if (place !== undefined) {
      this.report("moved", row.number, row, `${name} was written as entry ${place}, and stands in another's place.`);
      return;
    }
    const given = entryHash(row.previous_hash, contentOf(row));
    const what = `it was stored with the hash ${row.hash}, and what it says now gives ${given}`;
    this.report("changed", row.number, row, `${name} was changed after it was written: ${what}.`);
  }
}

function titleOf(row: AuditRow): string {
  const { at, action, actor } = entryOf(row);
  return `${at}, ${action} by ${actor.name ?? actor.kind}`;
}

/** The chain itself tells where retention cut it: whoever deletes the oldest entries and moves the anchor is found. */
async function checkAnchor(anchor: AuditAnchor, store: AuditStore, walk: ChainWalk): Promise<void> {
  const row = await store.lastOf(PRUNE_ACTION);
  const details = row ? entryOf(row).details : {};
  if (details["through"] === anchor.number && details["hash"] === anchor.hash) return;
  const said = row
    ? `entry ${row.number} says that retention cut it after ${String(details["through"])}`
    : "no entry tells of a cut";
  walk.report("start", anchor.number + 1, row ?? null, `The log begins after entry ${anchor.number}, but ${said}.`);
}

async function checkHead(
  kept: AuditHead,
  anchor: AuditAnchor | undefined,
  store: AuditStore,
  walk: ChainWalk,
): Promise<void> {
  if (kept.number < (anchor?.number ?? 0)) {
    throw new FairleadError(
      "bad_request",
      `The head of entry ${kept.number} is older than what is kept: retention has removed all entries up to ${anchor?.number}. Give a newer head.`,
      { details: { field: "fromHead" } },
    );
  }
  const row = await store.find(kept.number);
  const hash =
    row?.hash ?? (anchor?.number === kept.number ? anchor.hash : kept.number === 0 ? GENESIS.hash : undefined);
  if (hash === kept.hash) return;
  const what =
    hash === undefined
      ? `Entry ${kept.number} was the log's head once and is not in it: the log ends at entry ${walk.head.number}.`
      : `Entry ${kept.number} was the head with the hash ${kept.hash}, and has ${hash} now: the log was written anew.`;
  walk.report("head", kept.number, row ?? null, what);
}
