/** More nobody reads through. */
const MAX_SIMILAR = 4;
/** One letter wrong, one swapped for two. */
const MAX_STEPS = 2;

/** Names that somebody may have meant: that hold it, are held by it, or are a letter or two away. */
export function similarNames(asked: string, names: readonly string[]): readonly string[] {
  const wanted = asked.toLowerCase();
  return names
    .map((name) => ({ name, steps: distance(wanted, name.toLowerCase()) }))
    .filter(({ steps }) => steps <= MAX_STEPS)
    .sort((a, b) => a.steps - b.steps)
    .slice(0, MAX_SIMILAR)
    .map(({ name }) => name);
}

function distance(a: string, b: string): number {
  if (a.length >= 3 && b.length >= 3 && (a.includes(b) || b.includes(a))) return 1;
  if (Math.abs(a.length - b.length) > MAX_STEPS) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const swap = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? Number.POSITIVE_INFINITY;
}
