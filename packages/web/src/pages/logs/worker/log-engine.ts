import { levelOf } from "./level.ts";
import { lineFlags, NOTE_SLOT } from "./line-flags.ts";
import type { LogLine } from "./line-assembler.ts";
import { LineStore, timeAt } from "./line-store.ts";
import { fillOlder, type OlderState, retryOlder } from "./fill-older.ts";
import type {
  FromLogWorker,
  LineFilter,
  LogAddress,
  LogRange,
  LogSnapshot,
  LogViewport,
  ToLogWorker,
} from "./log-messages.ts";
import type { OpenSocket } from "./log-socket.ts";
import { compareTimes, formatStamp, fromMilliseconds, type LogTime } from "./log-time.ts";
import { ReorderQueue } from "./reorder-queue.ts";
import { ShownLines } from "./shown-lines.ts";
import { SourceReader } from "./source-reader.ts";

/** Lines are taken in and shown at this pace: ten times a second is as fast as anybody reads. */
const FLUSH_MS = 100;
/** Looking through lines pauses after so long, so that others are handled. */
const SEARCH_SLICE_MS = 12;
/** Where nobody follows, so many lines of a source are read ahead. */
const AHEAD_LINES = 5_000;
/** That near to an end its lines are asked for. */
const NEAR_LINES = 400;
/** Of a line, what is looked at for its level. */
const LEVEL_BYTES = 512;
/** Breaks that begin so near to each other are the same one. */
const SAME_BREAK_MS = 5_000;

interface Waiting extends LogTime {
  readonly slot: number;
  readonly flags: number;
  readonly text: Uint8Array;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Reads the logs, merges, holds and filters them, and tells the page what is to be seen. */
export class LogEngine {
  readonly #post: (message: FromLogWorker) => void;
  readonly #openSocket: OpenSocket;
  readonly #maxLines: number | undefined;
  #origin = "";
  #range: LogRange = { tail: 1_000 };
  #addresses: readonly LogAddress[] = [];
  #store = new LineStore();
  #shown = new ShownLines(this.#store, () => undefined);
  #queue = new ReorderQueue<Waiting>();
  readonly #readers = new Map<string, SourceReader>();
  #keys: (string | undefined)[] = [];
  #filter: LineFilter | undefined;
  #viewport: LogViewport = { mode: "follow", count: 100 };
  #older: OlderState = { running: 0, error: undefined, leave: new AbortController() };
  #isPaused = false;
  readonly #retryLater = new Set<string>();
  #nextId = 1;
  #arrived = 0;
  #lastBreak = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDirty = false;
  #isAwaitingPage = false;

  constructor(post: (message: FromLogWorker) => void, openSocket: OpenSocket, maxLines?: number) {
    this.#post = post;
    this.#openSocket = openSocket;
    this.#maxLines = maxLines;
  }

  handle(message: ToLogWorker): void {
    switch (message.type) {
      case "open":
        this.#origin = message.origin;
        this.#range = message.range;
        this.#reset();
        break;
      case "sources":
        this.#setSources(message.sources);
        break;
      case "viewport":
        this.#setViewport(message.viewport);
        break;
      case "filter":
        this.#setFilter(message.filter);
        break;
      case "pause":
        this.#pause(message.paused);
        break;
      case "retry":
        if (this.#isPaused) this.#retryLater.add(message.key);
        else this.#readers.get(message.key)?.retry();
        break;
      case "retry-older":
        retryOlder(this.#older, this.#readers.values());
        this.#change(0);
        break;
      case "find":
        this.#post({ type: "found", ...this.#shown.find(message.from, message.forward) });
        break;
      case "export":
        this.#export();
        break;
      case "there":
        this.#post({ type: "here" });
        break;
      case "shown":
        this.#isAwaitingPage = false;
        if (this.#isDirty) this.#schedule();
    }
  }

  /** Ends everything. */
  close(): void {
    this.#older.leave.abort();
    clearTimeout(this.#timer);
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
  }

  #reset(): void {
    this.close();
    this.#older = { running: 0, error: undefined, leave: new AbortController() };
    this.#store = new LineStore(this.#maxLines);
    this.#shown = new ShownLines(this.#store, (slot) => this.#keys[slot]);
    if (this.#filter) this.#shown.setFilter(this.#filter);
    this.#queue = new ReorderQueue();
    this.#keys = [];
    this.#timer = undefined;
    const addresses = this.#addresses;
    this.#addresses = [];
    this.#setSources(addresses);
    this.#change();
  }

  #setSources(addresses: readonly LogAddress[]): void {
    this.#addresses = addresses;
    for (const [key, reader] of this.#readers) {
      if (addresses.some((address) => address.key === key)) continue;
      reader.close();
      this.#readers.delete(key);
      this.#queue.remove(({ slot }) => slot === reader.slot);
      this.#store.removeSlot(reader.slot);
      this.#keys[reader.slot] = undefined;
    }
    for (const address of addresses) if (!this.#readers.has(address.key)) this.#add(address);
    this.#change();
  }

  #add(address: LogAddress): void {
    const free = this.#keys.indexOf(undefined);
    const slot = free === -1 ? this.#keys.length : free;
    this.#keys[slot] = address.key;
    const reader = new SourceReader({
      address,
      slot,
      origin: this.#origin,
      range: this.#range,
      openSocket: this.#openSocket,
      heldAt: (of, time) => {
        this.#insertWaiting(true);
        return this.#store.countAt(of, time);
      },
      onLine: ({ slot: of }, line) => this.#takeLine(of, line),
      onNote: (time, text) => this.#note(time, text),
      onBack: ({ newest }, since) => this.#noteBreak(newest, since),
      onChange: () => this.#change(),
    });
    this.#readers.set(address.key, reader);
    if (!this.#isPaused) reader.open(this.#allowance);
  }

  get #allowance(): number {
    return this.#viewport.mode === "follow" ? Number.POSITIVE_INFINITY : AHEAD_LINES;
  }

  #takeLine(slot: number, line: LogLine): void {
    this.#queue.push(this.#waiting(slot, line), Date.now());
    this.#schedule();
  }

  #waiting(slot: number, { micros, nanos, stream, text, isCut }: LogLine): Waiting {
    const level = levelOf(decoder.decode(text.subarray(0, LEVEL_BYTES)));
    return { micros, nanos, slot, flags: lineFlags(stream === 2, isCut, level), text };
  }

  #note({ micros, nanos }: LogTime, text: string): void {
    this.#insertWaiting(true);
    this.#hold({ micros, nanos, slot: NOTE_SLOT, flags: 0, text: encoder.encode(text) });
    this.#change();
  }

  #noteBreak(time: LogTime | undefined, since: number): void {
    if (Math.abs(since - this.#lastBreak) < SAME_BREAK_MS) return;
    this.#lastBreak = since;
    const [from, to] = [since, Date.now()].map((at) => new Date(at).toLocaleTimeString());
    this.#note(
      time ?? fromMilliseconds(since),
      `The hub was away from ${from} to ${to}. The log goes on from the last line that was read.`,
    );
  }

  #hold(line: Waiting): void {
    this.#store.insert({ ...line, id: this.#nextId });
    this.#nextId += 1;
  }

  #insertWaiting(everything: boolean): void {
    const now = Date.now();
    let live = 0;
    for (const { state } of this.#readers.values()) if (state.kind === "live") live += 1;
    for (const line of this.#queue.take(now, everything || live <= 1)) {
      this.#hold(line);
      this.#arrived += 1;
      this.#isDirty = true;
    }
    this.#trim();
  }

  /** Keeps to the limits: the end that is farther from who reads gives way. */
  #trim(): void {
    const { mode } = this.#viewport;
    while (this.#store.isOverfull) {
      if (mode === "follow" || this.#isInNewerHalf()) this.#dropOldest();
      else this.#dropNewest();
    }
    if (mode !== "follow" && this.#store.isFull && !this.#isNearEnd())
      for (const reader of this.#readers.values()) if (reader.state.kind !== "held") reader.hold();
  }

  #dropOldest(): void {
    this.#store.dropFirst((slot, time) => {
      const reader = this.#readerOf(slot);
      if (!reader) return;
      reader.front = time;
      reader.isExhausted = false;
    });
  }

  #dropNewest(): void {
    const cut = new Set<number>();
    this.#store.dropLast((slot, time) => {
      const reader = this.#readerOf(slot);
      if (!reader || cut.has(slot)) return;
      cut.add(slot);
      reader.drop(time);
    });
  }

  #readerOf(slot: number): SourceReader | undefined {
    const key = this.#keys[slot];
    return key === undefined ? undefined : this.#readers.get(key);
  }

  #isInNewerHalf(): boolean {
    return this.#from() > this.#shown.total / 2;
  }

  #isNearEnd(): boolean {
    return this.#from() + this.#viewport.count + NEAR_LINES >= this.#shown.total;
  }

  #setViewport(viewport: LogViewport): void {
    const before = this.#viewport;
    this.#viewport = viewport;
    const isBack = viewport.mode === "follow" && before.mode !== "follow" && !this.#isPaused;
    if (isBack) {
      // What was written meanwhile may be more than anybody waits for: the end is read anew, what is before it when it is looked at.
      const isBehind = [...this.#readers.values()].some(({ state }) => state.kind === "held");
      if (isBehind || this.#range.at !== undefined) {
        const { at: _at, ...range } = this.#range;
        this.#range = range;
        this.#reset();
      } else for (const reader of this.#readers.values()) if (reader.state.kind === "live") reader.open();
    }
    this.#change(0);
  }

  #setFilter(filter: LineFilter): void {
    try {
      this.#shown.setFilter(filter);
      this.#filter = filter;
    } catch (error) {
      this.#post({ type: "bad-search", message: error instanceof Error ? error.message : String(error) });
    }
    this.#change(0);
  }

  #pause(paused: boolean): void {
    this.#isPaused = paused;
    for (const reader of this.#readers.values()) {
      if (paused) reader.hold();
      else if (reader.state.kind === "held") reader.open(this.#allowance);
      else if (this.#retryLater.has(reader.address.key)) reader.retry();
    }
    if (!paused) this.#retryLater.clear();
    this.#change(0);
  }

  #change(afterMs = FLUSH_MS): void {
    this.#isDirty = true;
    if (afterMs === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    this.#schedule(afterMs);
  }

  #schedule(afterMs = FLUSH_MS): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, afterMs);
  }

  #flush(): void {
    this.#insertWaiting(false);
    const isSearched = this.#shown.lookThrough(SEARCH_SLICE_MS);
    if (!isSearched) this.#isDirty = true;
    if (this.#isDirty && !this.#isAwaitingPage) {
      this.#isDirty = false;
      this.#isAwaitingPage = true;
      this.#shown.update();
      this.#post({ type: "snapshot", snapshot: this.#snapshot() });
      this.#readWhatIsNear();
    }
    if (!isSearched) this.#schedule(0);
    else if (this.#queue.length > 0) this.#schedule();
  }

  /** The first index that is shown now. */
  #from(): number {
    const viewport = this.#viewport;
    const { total } = this.#shown;
    const last = Math.max(0, total - viewport.count);
    if (viewport.mode === "follow") return last;
    if (viewport.mode === "time") {
      const marked = this.#marked();
      const index = marked === undefined ? 0 : this.#shown.shownIndex(marked);
      return Math.max(0, Math.min(last, index - (viewport.count >> 1)));
    }
    const { from, anchor } = viewport;
    const held = anchor && this.#store.indexOfLine(anchor, anchor.id);
    const shift = anchor && held !== undefined ? this.#shown.shownIndex(held) - anchor.index : 0;
    return Math.max(0, Math.min(last, from + shift));
  }

  #marked(): number | undefined {
    if (this.#range.at === undefined || this.#store.count === 0) return undefined;
    return Math.min(this.#store.count - 1, this.#store.indexOfTime(fromMilliseconds(this.#range.at)));
  }

  #snapshot(): LogSnapshot {
    const from = this.#from();
    const readers = [...this.#readers.values()];
    return {
      total: this.#shown.total,
      from,
      lines: this.#shown.lines(from, this.#viewport.count, this.#marked()),
      held: this.#store.count,
      heldBytes: this.#store.textBytes,
      arrived: this.#arrived,
      matches: this.#shown.matches,
      searched: this.#shown.searched,
      sources: Object.fromEntries(readers.map(({ address, state }) => [address.key, state])),
      isLoadingOlder: this.#older.running > 0,
      isAtStart: readers.length > 0 && readers.every(({ isExhausted }) => isExhausted),
      olderError: this.#older.error,
    };
  }

  /** Asks for lines beyond those that are held where somebody looks. */
  #readWhatIsNear(): void {
    const { mode, count } = this.#viewport;
    const from = this.#from();
    const isAtFront = mode === "follow" ? this.#shown.total < count : from <= NEAR_LINES / 2;
    const top = this.#store.timeAt(this.#shown.heldIndex(from));
    const mayGrow = !this.#store.isFull || (mode !== "follow" && !this.#isInNewerHalf());
    if (mayGrow && !this.#isPaused) {
      const wanting = [...this.#readers.values()].filter(
        ({ front, isExhausted }) =>
          front !== undefined && !isExhausted && (isAtFront || (top !== undefined && compareTimes(front, top) > 0)),
      );
      fillOlder(this.#older, wanting, {
        origin: this.#origin,
        openSocket: this.#openSocket,
        since: this.#range.since === undefined ? undefined : fromMilliseconds(this.#range.since),
        heldOf: (slot) => this.#store.countOf(slot),
        heldAt: (slot, time) => {
          this.#insertWaiting(true);
          return this.#store.countAt(slot, time);
        },
        onLines: (reader, lines) => {
          const { slot, address } = reader;
          // Its slot may be another's by now.
          if (this.#readers.get(address.key) !== reader) return;
          for (const line of lines) this.#hold(this.#waiting(slot, line));
          this.#trim();
        },
        onChange: () => this.#change(),
      });
    }
    const bottom = this.#store.timeAt(this.#shown.heldIndex(from + count));
    for (const reader of this.#readers.values()) {
      const { state, newest } = reader;
      if (this.#isPaused || state.kind !== "held" || newest === undefined) continue;
      if (this.#isNearEnd() || (bottom && compareTimes(newest, bottom) < 0)) reader.open(AHEAD_LINES);
    }
  }

  #export(): void {
    const names = new Map([...this.#readers.values()].map(({ slot, address }) => [slot, address.name]));
    const parts: string[] = [];
    const texts = this.#shown.texts(
      (slot) => names.get(slot) ?? "",
      names.size > 1,
      (chunk, at) => formatStamp(timeAt(chunk, at)),
    );
    for (const text of texts) parts.push(text);
    this.#post({ type: "exported", blob: new Blob(parts, { type: "text/plain" }) });
  }
}
