import { createReadStream, existsSync } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { Logger } from "pino";
import type { ExecRecording } from "../../config.ts";
import { SYSTEM } from "../record.ts";
import type { AuditRecorder } from "../service.ts";
import { Recording } from "./recording.ts";

export interface RecordingsOptions {
  /** In the data folder. */
  readonly folder: string;
  readonly mode: ExecRecording;
  /** Milliseconds that recordings are kept: as long as the entries that point at them. */
  readonly retentionMs: number;
  readonly audit: AuditRecorder;
  readonly log: Logger;
  readonly limits?: Partial<RecordingLimits>;
}

export interface RecordingLimits {
  /** Of one session. Default 16 MiB: a working day in a shell; a file that is printed by mistake ends it. */
  readonly recordingBytes: number;
  /** Of all. Default 1 GiB. */
  readonly totalBytes: number;
  /** Sessions recorded at a time, which do not count for the limit of all while they run. Default 64: as much again. */
  readonly atOnce: number;
}

const LIMITS: RecordingLimits = { recordingBytes: 16 * 1024 ** 2, totalBytes: 1024 ** 3, atOnce: 64 };

/** The request's id. */
const NAME = /^[0-9a-f-]{36}$/;

/** The recorded terminal sessions: a file each, the oldest going when they are too many or too old. */
export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #limits: RecordingLimits;
  readonly #running = new Map<string, Recording>();
  #tidying: Promise<unknown> = Promise.resolve();

  constructor(options: RecordingsOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
  }

  get isOn(): boolean {
    return this.#options.mode !== "off";
  }

  async start(): Promise<void> {
    if (this.isOn) await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
  }

  /**
   * Begins to record a session; `undefined` when nothing is recorded, or too many sessions are.
   *
   * @param name The id of the request that began it.
   */
  open(name: string, size: { readonly cols: number; readonly rows: number }): Recording | undefined {
    const { mode, folder, log } = this.#options;
    if (mode === "off") return undefined;
    if (this.#running.size >= this.#limits.atOnce) {
      log.error({ running: this.#running.size }, "Too many sessions are recorded at once; one goes unrecorded");
      return undefined;
    }
    const maxBytes = this.#limits.recordingBytes;
    const recording = new Recording({ file: join(folder, `${name}.cast`), mode, maxBytes, ...size });
    this.#running.set(name, recording);
    return recording;
  }

  /** To be told when a session that `open` gave has ended. Never rejects. */
  async close(name: string): Promise<Readonly<Record<string, string | number | boolean>>> {
    const recording = this.#running.get(name);
    if (!recording) return {};
    const { bytes, sha256, isCut } = await recording.end();
    this.#running.delete(name);
    if (isCut) this.#options.log.warn({ recording: name, bytes }, "A recording ends before its session");
    void this.#tidy(Number.NEGATIVE_INFINITY);
    return { recordingBytes: bytes, recordingSha256: sha256, ...(isCut ? { recordingCut: true } : {}) };
  }

  /** The file, as it is now; `undefined` when it is not kept. */
  read(name: string): Readable | undefined {
    const file = join(this.#options.folder, `${name}.cast`);
    return NAME.test(name) && existsSync(file) ? createReadStream(file) : undefined;
  }

  /** Removes those over their retention. Returns how many went. */
  prune(): Promise<number> {
    return this.#tidy(Date.now() - this.#options.retentionMs);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.close(name)));
    await this.#tidying;
  }

  /** One at a time. Never rejects. */
  #tidy(before: number): Promise<number> {
    const tidied = this.#tidying.then(() => this.#removeOldest(before));
    const safe = tidied.catch((error: unknown) => {
      this.#options.log.error({ err: error }, "Recordings over their limits could not be removed; tried again later");
      return 0;
    });
    this.#tidying = safe;
    return safe;
  }

  async #removeOldest(before: number): Promise<number> {
    const { folder, audit } = this.#options;
    const files = await this.#files();
    let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    let removed = 0;
    for (const { name, bytes, endedAt } of files.toSorted((a, b) => a.endedAt - b.endedAt)) {
      const reason = endedAt < before ? "age" : total > this.#limits.totalBytes ? "space" : undefined;
      if (reason === undefined) break;
      if (this.#running.has(name)) continue;
      await rm(join(folder, `${name}.cast`), { force: true });
      total -= bytes;
      removed += 1;
      const details = { recording: name, bytes, reason };
      audit.record({ actor: SYSTEM, action: "recording.remove", outcome: "done", requestId: name, details });
    }
    return removed;
  }

  async #files(): Promise<{ name: string; bytes: number; endedAt: number }[]> {
    const { folder } = this.#options;
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".cast"));
    const found = names.map(async (file) => {
      const { size, mtimeMs } = await stat(join(folder, file));
      return { name: file.slice(0, -".cast".length), bytes: size, endedAt: mtimeMs };
    });
    return Promise.all(found);
  }
}
