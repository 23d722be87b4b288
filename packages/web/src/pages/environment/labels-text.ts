/** Labels as they are typed: `name=value`. */

export function labelTexts(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}

/** The labels, or what is wrong with one of the texts. */
export function parseLabels(
  texts: readonly string[],
): { readonly labels: Record<string, string> } | { readonly problem: string } {
  const labels = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf("=");
    const name = text.slice(0, equals).trim();
    if (equals < 1 || name === "")
      return { problem: `“${text}” is no label. Write it as name=value, such as site=attic.` };
    if (labels.has(name)) return { problem: `The label ${name} is there twice.` };
    labels.set(name, text.slice(equals + 1).trim());
  }
  return { labels: Object.fromEntries(labels) };
}
