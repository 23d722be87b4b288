import { FairleadError } from "@fairlead/protocol";
import { ByteReader } from "./byte-reader.ts";

export type TarEntryType = "file" | "folder" | "symlink" | "hardlink" | "device" | "fifo" | "other";

export interface TarEntry {
  readonly name: string;
  readonly type: TarEntryType;
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Unix milliseconds. */
  readonly modifiedAt: number;
  /** What a link leads to; empty otherwise. */
  readonly linkName: string;
  /** Its content, once, and only until the next entry is asked for; what is not read is skipped. */
  content(): AsyncGenerator<Uint8Array>;
}

const BLOCK = 512;
/** Of a long name or of PAX headers: names end at 4 KiB, and extended attributes at 64 KiB each. */
const MAX_EXTENSION_BYTES = 1024 * 1024;

const TYPES: Readonly<Record<string, TarEntryType>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "device",
  "4": "device",
  "5": "folder",
  "6": "fifo",
};

/** What headers before an entry say of it, in place of its own. */
interface Extension {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: string;
  readonly mtime?: string;
  readonly uid?: string;
  readonly gid?: string;
}

/**
 * The entries of a tar archive as it comes: ustar with the long names of GNU and PAX. Contents are handed through or skipped, never held.
 * @throws FairleadError engine_error for what is no tar archive, or breaks off
 */
export async function* readTar(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(pieces);
  let extension: Extension = {};
  let globals: Extension = {};
  for (;;) {
    const header = await reader.read(BLOCK);
    if (header === undefined || header.every((byte) => byte === 0)) return;
    checkSum(header);
    const flag = String.fromCharCode(header[156] ?? 0);
    const ownSize = readNumber(header, 124, 12);
    if (flag === "L" || flag === "K" || flag === "x" || flag === "g") {
      const bytes = await readExtension(reader, ownSize);
      if (flag === "L") extension = { ...extension, path: textOf(bytes, 0, bytes.length) };
      else if (flag === "K") extension = { ...extension, linkpath: textOf(bytes, 0, bytes.length) };
      else if (flag === "x") extension = { ...extension, ...readPax(bytes) };
      else globals = { ...globals, ...readPax(bytes) };
      continue;
    }
    const known = { ...globals, ...extension };
    extension = {};
    const size = known.size === undefined ? ownSize : Number(known.size);
    const type = TYPES[flag] ?? "other";
    // Links and folders may tell a size, but nothing follows them.
    const stored = type === "file" || type === "other" ? size : 0;
    let left = stored;
    yield {
      name: known.path ?? headerName(header),
      type,
      size: stored,
      mode: readNumber(header, 100, 8) & 0o7777,
      uid: known.uid === undefined ? readNumber(header, 108, 8) : Number(known.uid),
      gid: known.gid === undefined ? readNumber(header, 116, 8) : Number(known.gid),
      modifiedAt: (known.mtime === undefined ? readNumber(header, 136, 12) : Number(known.mtime)) * 1000,
      linkName: known.linkpath ?? textOf(header, 157, 100),
      async *content() {
        for await (const piece of reader.pieces(left)) {
          left -= piece.length;
          yield piece;
        }
      },
    };
    for await (const piece of reader.pieces(left + padding(stored))) void piece;
  }
}

/** Bytes that follow a content so that the next header starts at a block. */
export function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

async function readExtension(reader: ByteReader, size: number): Promise<Uint8Array> {
  if (size > MAX_EXTENSION_BYTES)
    throw new FairleadError("engine_error", `The archive has a header of ${size} bytes; no name is that long`);
  const bytes = (await reader.read(size + padding(size))) ?? new Uint8Array(0);
  return bytes.subarray(0, size);
}

/** Records of `LENGTH NAME=VALUE\n`, whose length counts in bytes and includes itself. */
function readPax(bytes: Uint8Array): Extension {
  const found: Record<string, string> = {};
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const length = space === -1 ? 0 : Number(decoder.decode(bytes.subarray(at, space)));
    if (!Number.isSafeInteger(length) || length <= space - at) break;
    const record = decoder.decode(bytes.subarray(space + 1, at + length - 1));
    const sign = record.indexOf("=");
    if (sign > 0) found[record.slice(0, sign)] = record.slice(sign + 1);
    at += length;
  }
  return found;
}

const decoder = new TextDecoder();

function textOf(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return decoder.decode(end === -1 ? field : field.subarray(0, end));
}

function headerName(header: Uint8Array): string {
  const name = textOf(header, 0, 100);
  // GNU's own headers have other things where ustar has the start of a long name.
  const prefix = textOf(header, 257, 6) === "ustar" ? textOf(header, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** Octal digits; or base 256 where the first bit says so, for what is too large for them. */
function readNumber(header: Uint8Array, at: number, length: number): number {
  const first = header[at] ?? 0;
  if ((first & 0x80) === 0) return Number.parseInt(textOf(header, at, length).trim() || "0", 8) || 0;
  let value = first & 0x40 ? first - 0x100 : first & 0x7f;
  for (let index = 1; index < length; index += 1) value = value * 256 + (header[at + index] ?? 0);
  return value;
}

function checkSum(header: Uint8Array): void {
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  if (sum !== readNumber(header, 148, 8))
    throw new FairleadError("engine_error", "What the host answered is no tar archive: a header's checksum is wrong");
}
