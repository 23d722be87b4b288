import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ExecRecording } from "../../config.ts";
import { silentLog } from "../../database/database-fixture.ts";
import type { AuditRecord } from "../record.ts";
import type { RecordingLimits } from "./recordings.ts";
import { Recordings } from "./recordings.ts";

const NAME = "0f8fad5b-d9cb-469f-a165-70867728950e";
const OTHER = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

let folder: TempDir;
let told: AuditRecord[];
beforeEach(async () => {
  folder = await tempDir();
  told = [];
});
afterEach(() => folder.stop());

async function recordings(mode: ExecRecording, limits: Partial<RecordingLimits> = {}): Promise<Recordings> {
  const audit = { record: (entry: AuditRecord): void => void told.push(entry) };
  const made = new Recordings({
    folder: join(folder.path, "recordings"),
    mode,
    retentionMs: 50_000,
    audit,
    log: silentLog,
    limits,
  });
  await made.start();
  return made;
}

async function lines(name = NAME): Promise<unknown[]> {
  const text = await readFile(join(folder.path, "recordings", `${name}.cast`), "utf8");
  expect(text).toMatch(/\n$/);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
}

const size = { cols: 101, rows: 33 };

test("a recording is asciicast v2, for its owner alone, and its hash is that of the file", async () => {
  const all = await recordings("output");
  const recording = all.open(NAME, size)!;
  const text = "héllo 😀\r\n";
  // In pieces that split characters.
  for (const byte of Buffer.from(text)) recording.output(Uint8Array.of(byte));
  recording.input(Buffer.from("password"));
  recording.resize(80, 24);
  recording.output(Buffer.from([0xff, 0xf0, 0x9f]));
  const details = await all.close(NAME);

  const [header, ...events] = await lines();
  expect(header).toEqual({ version: 2, width: 101, height: 33, timestamp: expect.any(Number) });
  let before = 0;
  for (const [time, kind, data] of events as [number, string, string][]) {
    expect(time).toBeGreaterThanOrEqual(before);
    expect(["o", "r"]).toContain(kind);
    expect(typeof data).toBe("string");
    before = time;
  }
  const output = (events as [number, string, string][]).filter(([, kind]) => kind === "o").map(([, , data]) => data);
  expect(output.join("")).toBe(`${text}\ufffd\ufffd`);
  expect(events).toContainEqual([expect.any(Number), "r", "80x24"]);
  const file = join(folder.path, "recordings", `${NAME}.cast`);
  const bytes = await readFile(file);
  expect(details).toEqual({
    recordingBytes: bytes.length,
    recordingSha256: createHash("sha256").update(bytes).digest("hex"),
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder.path, "recordings"))).mode & 0o777).toBe(0o700);
});

test("what is typed is recorded when it is asked for", async () => {
  const all = await recordings("all");
  all.open(NAME, size)?.input(Buffer.from("ls\r"));
  await all.close(NAME);
  expect(await lines()).toContainEqual([expect.any(Number), "i", "ls\r"]);
});

test("without the setting nothing is recorded", async () => {
  const all = await recordings("off");
  expect(all.open(NAME, size)).toBeUndefined();
  expect(await all.close(NAME)).toEqual({});
  expect(await readdir(folder.path)).toEqual([]);
});

test("a recording that reaches its limit says so, and ends", async () => {
  const all = await recordings("output", { recordingBytes: 4096 });
  const recording = all.open(NAME, size)!;
  // A control character takes six times its room.
  for (let count = 0; count < 100; count += 1) recording.output(Buffer.alloc(200, 0x1b));
  expect(await all.close(NAME)).toMatchObject({ recordingCut: true });
  expect((await stat(join(folder.path, "recordings", `${NAME}.cast`))).size).toBeLessThanOrEqual(4096);
  const last = (await lines()).at(-1) as [number, string, string];
  expect(last[2]).toContain("The recording ends here: it has reached its limit of 4096 bytes");
});

test("a recording that the disk does not take harms nobody, and is called cut", async () => {
  const all = await recordings("output");
  await mkdir(join(folder.path, "recordings", `${NAME}.cast`));
  const recording = all.open(NAME, size)!;
  recording.output(Buffer.from("x"));
  expect(await all.close(NAME)).toMatchObject({ recordingCut: true });
});

test("more sessions at once than allowed go unrecorded", async () => {
  const all = await recordings("output", { atOnce: 1 });
  expect(all.open(NAME, size)).toBeDefined();
  expect(all.open(OTHER, size)).toBeUndefined();
  await all.close(NAME);
  expect(all.open(OTHER, size)).toBeDefined();
  await all.stop();
});

describe("limits of all", () => {
  const old = async (name: string, bytes: number, secondsAgo: number): Promise<void> => {
    const file = join(folder.path, "recordings", `${name}.cast`);
    await writeFile(file, Buffer.alloc(bytes));
    const at = Date.now() / 1000 - secondsAgo;
    await utimes(file, at, at);
  };
  const kept = async (): Promise<string[]> => (await readdir(join(folder.path, "recordings"))).toSorted();

  test("the oldest go when there is no room, and the audit log is told", async () => {
    const all = await recordings("output", { totalBytes: 3000 });
    await old(OTHER, 2000, 20);
    await old("1b4e28ba-2fa1-41d2-883f-0016d3cca427", 1500, 10);
    all.open(NAME, size);
    await all.close(NAME);
    await waitFor(async () => (await kept()).length === 2, { what: "the oldest to go" });
    expect(await kept()).toEqual([`${NAME}.cast`, "1b4e28ba-2fa1-41d2-883f-0016d3cca427.cast"].toSorted());
    expect(told).toMatchObject([
      { action: "recording.remove", details: { recording: OTHER, bytes: 2000, reason: "space" } },
    ]);
  });

  test("those over their age go, a running one never", async () => {
    const all = await recordings("output");
    await old(OTHER, 10, 100);
    all.open(NAME, size);
    await waitFor(async () => (await kept()).length === 2, { what: "the file of the running one" });
    expect(await all.prune()).toBe(1);
    expect(told).toMatchObject([{ details: { recording: OTHER, reason: "age" } }]);
    expect(await kept()).toEqual([`${NAME}.cast`]);
    await all.stop();
  });
});

test("a recording is read by its name, and nothing else is", async () => {
  const all = await recordings("output");
  all.open(NAME, size)?.output(Buffer.from("hi"));
  await all.close(NAME);
  const chunks: Buffer[] = [];
  for await (const chunk of all.read(NAME) ?? []) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toContain('"hi"');
  await writeFile(join(folder.path, "secret.cast"), "x");
  for (const name of ["../secret", OTHER, "", `../recordings/${NAME}`]) expect(all.read(name)).toBeUndefined();
});
