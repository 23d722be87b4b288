import fc from "fast-check";
import { expect, test } from "vitest";
import { GNU_ARCHIVE, PAX_ARCHIVE } from "./tar-fixtures.ts";
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
  for await (const entry of readTar(cut(bytes, sizes))) {
    const pieces: Uint8Array[] = [];
    if (!skip) for await (const piece of entry.content()) pieces.push(piece);
    found.push({ ...entry, text: await new Blob(pieces as BlobPart[]).text() });
  }
  return found;
}

async function unpacked(base64: string): Promise<Uint8Array> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).bytes();
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const LONG = `${"long".repeat(40)} ü = name.txt`;

test.each([
  ["gnu", GNU_ARCHIVE],
  ["pax", PAX_ARCHIVE],
])("what tar writes in its %s format is read, long names and links included", async (_format, archive) => {
  const read = await readAll(await unpacked(archive), [7, 1000]);
  expect(read.map(({ name, type, size, text }) => [name, type, size, text.length])).toEqual([
    ["box/", "folder", 0, 0],
    ["box/blocks", "file", 1024, 1024],
    ["box/link", "symlink", 0, 0],
    [`box/${LONG}`, "file", 5, 5],
    ["box/sub/", "folder", 0, 0],
    ["box/sub/empty", "file", 0, 0],
  ]);
  expect(read.find(({ type }) => type === "symlink")?.linkName).toBe(`/${"far/".repeat(40)}away`);
  expect(read[1]).toMatchObject({ modifiedAt: 1_700_000_000_000, uid: 0, gid: 7, mode: 0o644 });
});

test("a plain file is a plain header, its content and padding, and two empty blocks", async () => {
  const bytes = await tarOf([{ name: "plain.txt", content: new Blob(["hello"]), modifiedAt: 86_400_000 }]).bytes();
  expect(bytes.length).toBe(512 + 512 + 1024);
  const header = new TextDecoder().decode(bytes.subarray(0, 512)).replace(/\0+/g, "|");
  expect(header).toBe("plain.txt|0000644|0000000|0000000|00000000005|00000250600|007621| 0|ustar|00|");
});

test("the length of a PAX record counts its own digits", async () => {
  for (const length of [85, 86, 87, 88, 89, 90, 91, 92, 93, 980, 985, 988, 990, 999]) {
    const name = "ü".repeat(Math.floor(length / 2)) + "x".repeat(length % 2);
    const bytes = await tarOf([{ name, content: new Blob([]), modifiedAt: 0 }]).bytes();
    const record = new TextDecoder().decode(
      bytes.subarray(512, 512 + Number.parseInt(new TextDecoder().decode(bytes.subarray(124, 135)), 8)),
    );
    expect(record).toBe(`${encode(record).length} path=${name}\n`);
  }
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
        const expected = files.map(({ name, content }) => [name, encode(content).length, content]);
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
  await expect(readAll(encode("<html>".padEnd(1024, "x")))).rejects.toThrow("no tar archive");
});

test("a name that is longer than any is not held", async () => {
  const bytes = await tarOf([{ name: "ü", content: new Blob([]), modifiedAt: 0 }]).bytes();
  bytes.set(encode("77777777777\0"), 124);
  bytes.set(encode("        "), 148);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.set(encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  await expect(readAll(bytes)).rejects.toThrow("no name is that long");
});
