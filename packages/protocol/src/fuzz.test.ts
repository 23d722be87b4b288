import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeMessage, encodeMessage, ERRORS } from "./index.ts";

const RANDOM_MESSAGES = 100_000;
const MUTATED_MESSAGES = 100_000;
const FIXED_SEED = 20_261_122;

const seeds = readFileSync(join(import.meta.dirname, "..", "vectors", "messages-1.0.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => (JSON.parse(line) as { wire?: unknown }).wire)
  .filter((wire) => wire !== undefined)
  .map((wire) => JSON.stringify(wire));

/** A message that decodes is one that encodes and decodes again to itself; anything else is a named problem. */
function mustHold(text: string): void {
  const decoded = decodeMessage(text);
  if (!decoded.ok) {
    if (!Object.hasOwn(ERRORS, decoded.problem.code) || decoded.problem.message === "") throw new Error(text);
    return;
  }
  const again = decodeMessage(encodeMessage(decoded.message));
  if (!again.ok) throw new Error(`${text} encodes to what does not decode: ${again.problem.message}`);
}

// A small generator of its own: fast-check's shrinking costs 50 times more, which 200,000 cases do not have.
function randomSource(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const pieces = [
  '"',
  "{",
  "}",
  "[",
  "]",
  ":",
  ",",
  "null",
  "1e999",
  "-0",
  "\\u0000",
  "\\ud800",
  "\u0000",
  '"type"',
  "=",
  "true",
  "9".repeat(30),
];

test(`${MUTATED_MESSAGES} mutated messages decode to a message or a named problem`, () => {
  const random = randomSource(FIXED_SEED);
  let accepted = 0;
  for (let run = 0; run < MUTATED_MESSAGES; run += 1) {
    let text = seeds[random(seeds.length)] ?? "";
    for (let edits = random(4); edits >= 0; edits -= 1) {
      const at = random(text.length + 1);
      const cut = random(6);
      const insert = random(2) === 0 ? (pieces[random(pieces.length)] ?? "") : String.fromCharCode(random(256));
      text = text.slice(0, at) + insert + text.slice(at + cut);
    }
    mustHold(text);
    if (decodeMessage(text).ok) accepted += 1;
  }
  // Mutations that hit a string's text leave a message: the fuzz reaches past the JSON parser.
  expect(accepted).toBeGreaterThan(MUTATED_MESSAGES / 100);
});

test(`${RANDOM_MESSAGES} messages with random fields decode to a message or a named problem`, () => {
  const random = randomSource(FIXED_SEED + 1);
  const values: unknown[] = [
    "",
    "r",
    "AP8=",
    "x".repeat(300),
    0,
    -1,
    1.5,
    2 ** 60,
    null,
    true,
    [],
    ["a"],
    [1],
    {},
    { a: "b" },
    { a: 1 },
    { __proto__: null },
  ];
  for (let run = 0; run < RANDOM_MESSAGES; run += 1) {
    const message = JSON.parse(seeds[random(seeds.length)] ?? "{}") as Record<string, unknown>;
    const fields = Object.keys(message);
    for (let changes = random(3); changes >= 0; changes -= 1) {
      const field = fields[random(fields.length)] ?? "type";
      if (random(5) === 0) delete message[field];
      else if (field !== "type") message[field] = values[random(values.length)];
    }
    mustHold(JSON.stringify(message));
  }
});

test("arbitrary JSON and arbitrary text never throw", () => {
  fc.assert(fc.property(fc.json(), mustHold), { numRuns: 2_000, seed: FIXED_SEED });
  fc.assert(fc.property(fc.string({ unit: "binary" }), mustHold), { numRuns: 2_000, seed: FIXED_SEED });
});
