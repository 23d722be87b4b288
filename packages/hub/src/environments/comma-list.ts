/** The parts of a comma-separated parameter, each once; `undefined` when there is none. */
export function commaList(text: string | undefined): string[] | undefined {
  const parts = (text ?? "").split(",").map((part) => part.trim());
  const list = [...new Set(parts.filter((part) => part !== ""))];
  return list.length === 0 ? undefined : list;
}
