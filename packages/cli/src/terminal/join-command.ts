/** Characters that mean nothing to `splitCommand`. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** A command and its arguments as the one text that protocol 1.0 carries: what `splitCommand` takes apart into the same words. */
export function joinCommand(words: readonly string[]): string {
  const [only = ""] = words;
  // One word without blanks is taken as it is.
  if (words.length <= 1 && !/\s/.test(only)) return only;
  return words.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
