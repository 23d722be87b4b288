/** What somebody wrote as `name=value`, one a line. */
export type KeyValueLines =
  | { readonly ok: true; readonly values: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly problem: string };

/** Empty lines do not count; a line without `=` is a name with an empty value only where that is asked for (labels). */
export function parseKeyValueLines(text: string, { bareNames = false } = {}): KeyValueLines {
  const values = new Map<string, string>();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "") continue;
    const at = line.indexOf("=");
    const name = (at === -1 ? line : line.slice(0, at)).trim();
    if (name === "" || (at === -1 && !bareNames))
      return { ok: false, problem: `Line ${index + 1} is not name=value: ${line}` };
    if (values.has(name)) return { ok: false, problem: `Line ${index + 1} gives ${name} a second time.` };
    values.set(name, at === -1 ? "" : line.slice(at + 1));
  }
  return { ok: true, values: Object.fromEntries(values) };
}
