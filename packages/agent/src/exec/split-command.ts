import { FairleadError } from "@fairlead/protocol";

/** What runs when the hub names no command: every image that is worth a terminal has it. */
export const DEFAULT_COMMAND = "/bin/sh";

/**
 * The words of an exec's `cmd`, which 1.0 carries as one text. Without blanks it is one program (`/bin/sh`). Otherwise it is split as a
 * shell splits words: blanks separate, `'…'`, `"…"` and `\` quote. Nothing is expanded: `$HOME`, `*`, `|` and `>` are ordinary text, so
 * whoever wants a shell's doings asks for a shell: `sh -c 'ls *'`.
 *
 * @throws FairleadError `bad_request` for a quote that does not end
 */
export function splitCommand(command: string): string[] {
  const trimmed = command.trim();
  if (!/\s/.test(trimmed)) return [trimmed === "" ? DEFAULT_COMMAND : trimmed];
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < command.length; at += 1) {
    const character = command.charAt(at);
    if (quote === "'" ? character === "'" : quote !== "" && character === quote) quote = "";
    else if (quote !== "'" && character === "\\" && isEscape(command.charAt(at + 1), quote)) {
      word = (word ?? "") + command.charAt(at + 1);
      at += 1;
    } else if (quote !== "") word = (word ?? "") + character;
    else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (quote !== "")
    throw new FairleadError("bad_request", `the command has a ${quote} without its end: ${command.slice(0, 200)}`);
  if (word !== undefined) words.push(word);
  return words;
}

/** Between double quotes a backslash quotes only what would be special there. */
function isEscape(next: string, quote: string): boolean {
  return next !== "" && (quote === "" || /["\\$`]/.test(next));
}
