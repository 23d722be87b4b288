/**
 * A pattern as an expression. `*` stands for anything but `/`, `**` for anything. Everything else stands for itself, with its case.
 * @param starCrossesSlashes for names without folders: `*` stands for anything
 */
export function globExpression(pattern: string, starCrossesSlashes = false): RegExp {
  const source = pattern.replaceAll(/\*+|[^*]+/g, (part) => {
    if (!part.startsWith("*")) return part.replaceAll(/[\\^$.|?+()[\]{}/-]/g, "\\$&");
    return part.length > 1 || starCrossesSlashes ? ".*" : "[^/]*";
  });
  return new RegExp(`^${source}$`, "s");
}
