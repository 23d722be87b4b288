/**
 * The filter language of the lists: words with spaces between them, all of which must hold.
 * `word` stands anywhere in a row's text; `field:value` is a field's value, `*` in it stands for anything, `a,b` for either;
 * `-` before a term turns it round; quotes keep spaces together. Upper and lower case are the same.
 */
export interface FilterTerm {
  /** Empty: the row's text. */
  readonly field: string;
  readonly values: readonly string[];
  readonly negated: boolean;
  /** As it was typed. */
  readonly text: string;
}

export type Filter = readonly FilterTerm[];

/** What a row shows to the filter: a field has one value or several, `text` is what words are looked for in. */
export interface FilterSubject {
  readonly text: string;
  field(name: string): string | readonly string[] | undefined;
}

const TERM = /(-?)(?:([a-z]+):)?((?:"[^"]*"?|[^\s"])*)/gi;

/** @param fields the names that may stand before a colon; another is taken for a part of the word (`nginx:1.27`). */
export function parseFilter(text: string, fields: readonly string[]): Filter {
  const terms: FilterTerm[] = [];
  for (const [whole, minus, name, rest = ""] of text.matchAll(TERM)) {
    const field = name?.toLowerCase() ?? "";
    const known = fields.includes(field);
    const value = (known || name === undefined ? rest : `${name}:${rest}`).replaceAll('"', "").toLowerCase();
    // Half typed: nothing to look for yet.
    if (value === "" || value === ",") continue;
    terms.push({
      field: known ? field : "",
      values: known ? value.split(",").filter((part) => part !== "") : [value],
      negated: minus === "-",
      text: whole,
    });
  }
  return terms;
}

export function matchesFilter(filter: Filter, subject: FilterSubject): boolean {
  return filter.every((term) => holds(term, subject) !== term.negated);
}

function holds({ field, values }: FilterTerm, subject: FilterSubject): boolean {
  if (field === "") return values.some((value) => subject.text.toLowerCase().includes(value));
  const given = subject.field(field);
  if (given === undefined) return false;
  const list = typeof given === "string" ? [given] : given;
  return values.some((value) => list.some((text) => matchesPattern(value, text.toLowerCase())));
}

/** The whole text, where `*` stands for anything. Without backtracking: filters are typed while thousands of rows wait. */
export function matchesPattern(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** The filter's text with this term set to `value`, or without it; for the buttons beside the field. */
export function withTerm(text: string, fields: readonly string[], field: string, value: string | null): string {
  const others = parseFilter(text, fields).filter((term) => term.field !== field || term.negated);
  const term = value === null ? [] : [`${field}:${/\s/.test(value) ? `"${value}"` : value}`];
  return [...others.map(({ text }) => text), ...term].join(" ");
}
