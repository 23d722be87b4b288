import { padding } from "./read-tar.ts";

const BLOCK = 512;
/** From here on a size does not fit in a header's 11 octal digits. */
const LARGE = 8 ** 11;
const NAME_BYTES = 100;

const encoder = new TextEncoder();

export interface TarFile {
  /** With `/` between folders, none before the first. */
  readonly name: string;
  readonly content: Blob;
  /** Unix milliseconds. */
  readonly modifiedAt: number;
}

/**
 * A tar archive of files, in which their contents are referred to and not copied. Owner is root, mode `rw-r--r--`, as `docker cp` has it
 * for what has no owner.
 */
export function tarOf(files: readonly TarFile[]): Blob {
  const parts: BlobPart[] = [];
  for (const { name, content, modifiedAt } of files) {
    parts.push(...headers(name, content.size, modifiedAt), content, new Uint8Array(padding(content.size)));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return new Blob(parts, { type: "application/x-tar" });
}

function headers(name: string, size: number, modifiedAt: number): Uint8Array<ArrayBuffer>[] {
  const records: string[] = [];
  const isPlain = /^[\x20-\x7e]*$/.test(name) && name.length <= NAME_BYTES;
  if (!isPlain) records.push(paxRecord("path", name));
  if (size >= LARGE) records.push(paxRecord("size", String(size)));
  const own = header(isPlain ? name : "long-name", size >= LARGE ? 0 : size, "0", modifiedAt);
  if (records.length === 0) return [own];
  const extension = encoder.encode(records.join(""));
  const padded = new Uint8Array(extension.length + padding(extension.length));
  padded.set(extension);
  return [header("PaxHeader", extension.length, "x", modifiedAt), padded, own];
}

/** The record's length includes the digits that tell it. */
function paxRecord(name: string, value: string): string {
  const bytes = encoder.encode(` ${name}=${value}\n`).length;
  let length = bytes + String(bytes).length;
  if (bytes + String(length).length !== length) length += 1;
  return `${length} ${name}=${value}\n`;
}

function header(name: string, size: number, flag: string, modifiedAt: number): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void => block.set(encoder.encode(text), at);
  put(0, name);
  put(100, "0000644\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, `${size.toString(8).padStart(11, "0")}\0`);
  put(
    136,
    `${Math.max(0, Math.floor(modifiedAt / 1000))
      .toString(8)
      .padStart(11, "0")}\0`,
  );
  put(148, "        ");
  put(156, flag);
  put(257, "ustar\x0000");
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}
