import type { TarEntryType } from "./read-tar.ts";
import type { FolderEntry } from "./list-folder.ts";

/** Not to a terminal GNU's `ls` writes names as they are, that of BusyBox `?` for what it cannot write; `-n` since few containers know names of people. */
export const LS_COMMAND = ["ls", "-lAn"] as const;

const LINE =
  /^([-dlbcpsD])([-rwxsStTl]{9})[.+@]?\s+\d+\s+(\d+)\s+(\d+)\s+(?:(\d+)|\d+,\s*\d+)\s+(\w{3}\s+\d+\s+[\d:]+|\d{4}-\d\d-\d\d\s+[\d:.]+(?:\s+[+-]\d{4})?)\s(.*)$/;

const TYPES: Readonly<Record<string, TarEntryType>> = {
  "-": "file",
  d: "folder",
  l: "symlink",
  b: "device",
  c: "device",
  p: "fifo",
};

/**
 * What `ls -lAn` writes, of GNU and of BusyBox. Lines that are none of an entry are left out: `total 4`, complaints, and the second half
 * of a name with a line break in it.
 */
export function parseLs(text: string): readonly FolderEntry[] {
  const found: FolderEntry[] = [];
  for (const line of text.split("\n")) {
    const match = LINE.exec(line);
    if (!match) continue;
    const [, letter = "", permissions = "", uid = "", gid = "", size, modified = "", rest = ""] = match;
    const type = TYPES[letter] ?? "other";
    const arrow = type === "symlink" ? rest.indexOf(" -> ") : -1;
    found.push({
      name: arrow === -1 ? rest : rest.slice(0, arrow),
      type,
      size: type === "file" && size !== undefined ? Number(size) : undefined,
      permissions,
      owner: `${uid}:${gid}`,
      modified: modified.replace(/\s+/g, " "),
      target: arrow === -1 ? "" : rest.slice(arrow + 4),
    });
  }
  return found;
}
