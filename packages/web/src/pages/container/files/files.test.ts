import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { demultiplex } from "./demultiplex.ts";
import { fileKind } from "./file-kind.ts";
import { listFolder, permissionsText } from "./list-folder.ts";
import { parseLs } from "./parse-ls.ts";
import { joinPath, normalPath, parentPath, pathSteps } from "./paths.ts";
import { tarOf } from "./write-tar.ts";

async function* pieces(...bytes: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const archive = (...names: string[]): Promise<Uint8Array> =>
  tarOf(names.map((name) => ({ name, content: new Blob([name]), modifiedAt: 0 }))).bytes();

describe("listFolder", () => {
  test.each([
    ["a folder", ["etc/", "etc/hosts", "etc/ssl", "etc/ssl/cert", "etcetera/x"], ["hosts", "ssl"]],
    ["the root", ["/", "bin", "bin/sh", "/tmp"], ["bin", "tmp"]],
    ["the root as a dot", ["./", "./bin", "./bin/sh"], ["bin"]],
    ["an empty folder", ["empty/"], []],
  ])("the direct entries of %s", async (_what, names, expected) => {
    const listing = await listFolder(pieces(await archive(...names)));
    expect(listing.entries.map(({ name }) => name)).toEqual(expected);
    expect(listing.complete).toBe(true);
  });

  test("reading ends at its limits, and says that there may be more", async () => {
    const bytes = await archive("x/", "x/a", "x/b", "x/c");
    const halves = (): AsyncGenerator<Uint8Array> => pieces(bytes.subarray(0, 2048), bytes.subarray(2048));
    const bySize = await listFolder(halves(), { bytes: 3000, milliseconds: 1e9 });
    expect(bySize).toMatchObject({ complete: false, entries: [{ name: "a" }] });
    let time = 0;
    const byTime = await listFolder(halves(), { bytes: 1e9, milliseconds: 15 }, () => (time += 10));
    expect(byTime.complete).toBe(false);
  });

  test("an archive that breaks off is a failure, not the end", async () => {
    const bytes = await archive("x/", "x/a");
    await expect(listFolder(pieces(bytes.subarray(0, 1300)))).rejects.toMatchObject({ code: "engine_error" });
  });
});

test.each([
  [0o755, "rwxr-xr-x"],
  [0o4755, "rwsr-xr-x"],
  [0o1777, "rwxrwxrwt"],
  [0o2640, "rw-r-S---"],
  [0, "---------"],
])("mode %o", (mode, text) => {
  expect(permissionsText(mode)).toBe(text);
});

test("what ls writes, of GNU and BusyBox", () => {
  const text = `total 16
drwxr-xr-x    2 0        0             4096 Nov 28 12:56 bin
-rwsr-xr-x. 1 0 1000 1234 Jan  1  2023 with  two spaces
lrwxrwxrwx    1 0        0                7 Nov 28 12:56 lib64 -> usr/lib -> x
crw-rw-rw-    1 0        0           1,   3 Nov 28 12:56 null
-rw-r--r-- 1 0 0 5 2024-02-03 10:11:12.000000000 +0000 iso
ls: /root/x: Permission denied
`;
  expect(parseLs(text)).toEqual([
    entry("bin", "folder", undefined, "rwxr-xr-x", "0:0", "Nov 28 12:56"),
    entry("with  two spaces", "file", 1234, "rwsr-xr-x", "0:1000", "Jan 1 2023"),
    entry("lib64", "symlink", undefined, "rwxrwxrwx", "0:0", "Nov 28 12:56", "usr/lib -> x"),
    entry("null", "device", undefined, "rw-rw-rw-", "0:0", "Nov 28 12:56"),
    entry("iso", "file", 5, "rw-r--r--", "0:0", "2024-02-03 10:11:12.000000000 +0000"),
  ]);
});

function entry(
  name: string,
  type: string,
  size: number | undefined,
  permissions: string,
  owner: string,
  modified: string,
  target = "",
) {
  return { name, type, size, permissions, owner, modified, target };
}

describe("demultiplex", () => {
  const frame = (stream: number, text: string): Uint8Array => {
    const content = encode(text);
    const bytes = new Uint8Array(8 + content.length);
    bytes[0] = stream;
    new DataView(bytes.buffer).setUint32(4, content.length);
    bytes.set(content, 8);
    return bytes;
  };

  test("puts together what each stream wrote, wherever it is cut", async () => {
    const parts = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: "grapheme" })));
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 1, max: 40 }), async (written, size) => {
        const all = await new Blob(written.map(([stream, text]) => frame(stream, text)) as BlobPart[]).bytes();
        const cut = Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
          all.subarray(at * size, (at + 1) * size),
        );
        const of = (wanted: number): string =>
          written.flatMap(([stream, text]) => (stream === wanted ? [text] : [])).join("");
        expect(await demultiplex(pieces(...cut), 1e6)).toEqual({ stdout: of(1), stderr: of(2), truncated: false });
      }),
      { numRuns: 50 },
    );
  });

  test("holds no more than it may", async () => {
    expect(await demultiplex(pieces(frame(1, "abc"), frame(1, "def")), 4)).toEqual({
      stdout: "abc",
      stderr: "",
      truncated: true,
    });
  });
});

test.each([
  ["a.conf", "listen 80;\n\tü", "text"],
  ["colours", "\u001b[31mred", "text"],
  ["empty", "", "text"],
  ["zero", "a\0b", "binary"],
  ["logo.PNG", "\u0089PNG", "image"],
])("%s is %3$s", (name, text, kind) => {
  expect(fileKind(name, encode(text)).kind).toBe(kind);
});

test("bytes that are no UTF-8 are binary", () => {
  expect(fileKind("x", Uint8Array.of(0xff, 0xfe, 0x41)).kind).toBe("binary");
});

test("paths", () => {
  expect(normalPath("//etc/../usr/./lib/")).toBe("/usr/lib");
  expect(normalPath("")).toBe("/");
  expect(parentPath("/")).toBe("/");
  expect(parentPath("/a/b")).toBe("/a");
  expect(joinPath("/", "a")).toBe("/a");
  expect(pathSteps("/a/b").map(({ path }) => path)).toEqual(["/", "/a", "/a/b"]);
});
