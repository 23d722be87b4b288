import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../log.ts";
import { type EventMark, isLater, isMark } from "./engine-event.ts";

/** Writing more often would wear out the flash cards that small hosts run on; what is sent twice does no harm. */
const WRITE_INTERVAL_MS = 1_000;

/** Up to which event the hub has everything, kept over restarts of the agent. */
export class MarkFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #log: Log;
  #written = "";
  #wanted = "";
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#path = join(folder, "events-mark");
    this.#log = log;
  }

  /** The mark of the last run; undefined when there is none that can be read. */
  async read(): Promise<EventMark | undefined> {
    const text = await readFile(this.#path, "utf8").catch(() => "");
    const mark = text.trim();
    if (!isMark(mark)) return undefined;
    this.#written = mark;
    return mark;
  }

  /** Keeps `mark`, written within a second. Never goes back. */
  set(mark: EventMark): void {
    if (isLater(mark, this.#wanted) && isLater(mark, this.#written)) this.#wanted = mark;
    if (this.#wanted !== this.#written) this.#timer ??= setTimeout(() => void this.flush(), WRITE_INTERVAL_MS).unref();
  }

  /** Writes now what is not written yet. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const mark = this.#wanted;
    if (mark === "" || mark === this.#written) return;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      // Renamed into place: a power cut leaves the old mark or the new one.
      await writeFile(`${this.#path}.new`, `${mark}\n`, { mode: 0o600 });
      await rename(`${this.#path}.new`, this.#path);
      this.#written = mark;
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      this.#log.warn("the time of the last event cannot be kept: events during a restart of the agent will be missed", {
        path: this.#path,
        error: String(error),
      });
    }
  }
}
