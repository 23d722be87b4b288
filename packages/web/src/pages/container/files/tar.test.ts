import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readTar, type TarEntry } from "./read-tar.ts";
import { tarOf } from "./write-tar.ts";

type Read = Omit<TarEntry, "content"> & { readonly text: string };

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function readAll(bytes: Uint8Array, sizes: readonly number[] = [65_536], skip = false): Promise<Read[]> {
  const found: Read[] = [];
  for await (const { content, ...entry } of readTar(cut(bytes, sizes))) {
    const pieces: Uint8Array[] = [];
    if (!skip) for await (const piece of content()) pieces.push(piece);
    found.push({ ...entry, text: Buffer.concat(pieces).toString() });
  }
  return found;
}

async function withFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-tar-"));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const tar = promisify(execFile);
const LONG = `${"long".repeat(40)} ü = name.txt`;

test.each(["gnu", "pax"])("what tar writes in its %s format is read, long names and links included", async (format) => {
  const bytes = await withFolder(async (folder) => {
    await mkdir(join(folder, "box", "sub"), { recursive: true });
    await writeFile(join(folder, "box", LONG), "hello");
    await writeFile(join(folder, "box", "sub", "empty"), "");
    await writeFile(join(folder, "box", "blocks"), "x".repeat(1024));
    await symlink(`/${"far/".repeat(40)}away`, join(folder, "box", "link"));
    await tar("tar", ["-C", folder, `--format=${format}`, "--sort=name", "-cf", join(folder, "box.tar"), "box"]);
    return readFile(join(folder, "box.tar"));
  });
  const read = await readAll(bytes, [7, 1000]);
  expect(read.map(({ name, type, size, text }) => [name, type, size, text.length])).toEqual([
    ["box/", "folder", 0, 0],
    ["box/blocks", "file", 1024, 1024],
    ["box/link", "symlink", 0, 0],
    [`box/${LONG}`, "file", 5, 5],
    ["box/sub/", "folder", 0, 0],
    ["box/sub/empty", "file", 0, 0],
  ]);
  expect(read.find(({ type }) => type === "symlink")?.linkName).toBe(`/${"far/".repeat(40)}away`);
  expect(Math.abs((read[1]?.modifiedAt ?? 0) - Date.now())).toBeLessThan(3_600_000);
});

test("tar reads what is written, names and contents as they were", async () => {
  const names = ["plain.txt", LONG, "ümläut", "a".repeat(100), "b".repeat(101), "deep/er/file"];
  const archive = tarOf(names.map((name) => ({ name, content: new Blob([`<${name}>`]), modifiedAt: 86_400_000 })));
  await withFolder(async (folder) => {
    await writeFile(join(folder, "x.tar"), await archive.bytes());
    await tar("tar", ["-C", folder, "-xf", join(folder, "x.tar")]);
    for (const name of names) expect(await readFile(join(folder, name), "utf8")).toBe(`<${name}>`);
  });
});

test("whatever is written is read again, wherever the pieces are cut, read or skipped", async () => {
  const name = fc.string({ minLength: 1, maxLength: 300, unit: "grapheme" }).filter((text) => !text.includes("\0"));
  const file = fc.record({
    name,
    content: fc.string({ maxLength: 2_000 }),
    modifiedAt: fc.integer({ min: 0, max: 2 ** 31 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 8 }),
      async (files, sizes) => {
        const blob = tarOf(files.map(({ content, ...rest }) => ({ ...rest, content: new Blob([content]) })));
        const bytes = await blob.bytes();
        const expected = files.map(({ name, content }) => [name, Buffer.byteLength(content), content]);
        const read = await readAll(bytes, sizes);
        expect(read.map(({ name, size, text }) => [name, size, text])).toEqual(expected);
        const skipped = await readAll(bytes, sizes, true);
        expect(skipped.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
      },
    ),
    { numRuns: 60 },
  );
});

test("an archive that breaks off, within a header or a content, says so", async () => {
  const bytes = await tarOf([{ name: "a", content: new Blob(["x".repeat(600)]), modifiedAt: 0 }]).bytes();
  for (const end of [100, 700, 1500])
    await expect(readAll(bytes.subarray(0, end))).rejects.toMatchObject({ code: "engine_error" });
});

test("what is no archive is told from one", async () => {
  await expect(readAll(Buffer.from("<html>".padEnd(1024, "x")))).rejects.toThrow("no tar archive");
});

test("a name that is longer than any is not held", async () => {
  const bytes = await tarOf([{ name: "ü", content: new Blob([]), modifiedAt: 0 }]).bytes();
  bytes.set(Buffer.from("77777777777\0"), 124);
  bytes.set(Buffer.from("        "), 148);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.set(Buffer.from(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  await expect(readAll(bytes)).rejects.toThrow("no name is that long");
});
