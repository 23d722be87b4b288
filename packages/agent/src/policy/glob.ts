/** Longest text that a pattern matches. Names and labels are shorter. */
export const MAX_GLOB_TEXT_LENGTH = 4096;

/**
 * A pattern as an expression. `*` stands for anything but `/`, `**` for anything. Everything else stands for itself, with its case.
 * It matches no text that is longer than {@link MAX_GLOB_TEXT_LENGTH}: who denies by it looks at the length, too.
 * @param starCrossesSlashes for names without folders: `*` stands for anything
 */
export function globExpression(pattern: string, starCrossesSlashes = false): RegExp {
  const stars = (pattern.match(/\*+/g) ?? []).map((star) => (star.length > 1 || starCrossesSlashes ? "." : "[^/]"));
  const [first = "", ...others] = pattern.split(/\*+/).map(escaped);
  // Where all stars are alike, the first place at which a part fits is as good as any. A lookahead's match is final, so that a text that does
  // not match is not tried in all ways, which are as many as its length to the power of the stars.
  const isAlike = new Set(stars).size === 1;
  const rest = others.map((part, index) =>
    isAlike && index < others.length - 1
      ? `(?=(?<p${index}>${stars[index]}*?${part}))\\k<p${index}>`
      : `${stars[index]}*${part}`,
  );
  return new RegExp(`^(?!.{${MAX_GLOB_TEXT_LENGTH + 1}})${first}${rest.join("")}$`, "s");
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.|?+()[\]{}/-]/g, "\\$&");
}
