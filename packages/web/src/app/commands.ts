/** What the command palette can lead to. */
export interface Command {
  readonly id: string;
  readonly label: string;
  /** Beside the label: what kind of thing it is, and where. */
  readonly detail: string;
  /** An address of this page, or what to run. */
  readonly to?: string;
  readonly run?: () => void;
}

/**
 * Commands that hold every word of the text, best first: words at the start of the label before those at the start of a word, before
 * those within one; then shorter labels. Without a text they keep their order.
 */
export function rankCommands(commands: readonly Command[], text: string, limit: number): readonly Command[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return commands.slice(0, limit);
  const ranked: { readonly command: Command; readonly score: number }[] = [];
  for (const command of commands) {
    const label = command.label.toLowerCase();
    const all = `${label} ${command.detail.toLowerCase()}`;
    let score = label.length / 1000;
    for (const word of words) {
      const at = all.indexOf(word);
      if (at === -1) {
        score = Number.POSITIVE_INFINITY;
        break;
      }
      if (at === 0) continue;
      score += at >= label.length ? 3 : /[\s/_.-]/.test(all[at - 1] ?? "") ? 1 : 2;
    }
    if (score !== Number.POSITIVE_INFINITY) ranked.push({ command, score });
  }
  return ranked
    .sort((a, b) => a.score - b.score)
    .slice(0, limit)
    .map(({ command }) => command);
}
