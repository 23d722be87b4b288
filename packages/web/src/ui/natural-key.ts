/** Digits of a number that is compared as one; longer ones are ids. */
const DIGITS = 15;

/**
 * A text that sorts as people sort: without regard to case and accents, `web-2` before `web-10`. Compared with `<`, which is many times
 * faster than a collator; made once a row.
 */
export function naturalKey(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/\d+/g, (digits) =>
      digits.length < DIGITS ? digits.replace(/^0+(?=\d)/, "").padStart(DIGITS, "0") : digits,
    );
}
