/** The keys with this one ticked, or not any more. */
export function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** All of `shown` ticked, or, where they are already, none of them; what is not shown stays as it is. */
export function toggledAll(keys: ReadonlySet<string>, shown: readonly string[]): ReadonlySet<string> {
  const next = new Set(keys);
  if (shown.every((key) => keys.has(key))) for (const key of shown) next.delete(key);
  else for (const key of shown) next.add(key);
  return next;
}

/** Everything from the one that was ticked before to this one, as this one becomes. */
export function toggledRange(
  keys: ReadonlySet<string>,
  shown: readonly string[],
  from: string,
  to: string,
): ReadonlySet<string> {
  const [a, b] = [shown.indexOf(from), shown.indexOf(to)];
  if (a === -1 || b === -1) return toggled(keys, to);
  const next = new Set(keys);
  for (const key of shown.slice(Math.min(a, b), Math.max(a, b) + 1)) {
    if (keys.has(to)) next.delete(key);
    else next.add(key);
  }
  return next;
}
