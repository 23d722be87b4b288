import fc from "fast-check";
import { expect, test } from "vitest";
import { checkPaste, inputPieces } from "./paste.ts";

test("one line goes, several are asked about, too much is refused", () => {
  expect(checkPaste("ls -l")).toEqual({ kind: "send" });
  expect(checkPaste("ls\n")).toEqual({ kind: "ask", lines: 1, preview: "ls" });
  expect(checkPaste("a\r\nb\rc\n")).toEqual({ kind: "ask", lines: 3, preview: "a\nb\nc" });
  expect(checkPaste("x".repeat(1024 * 1024 + 1))).toMatchObject({ kind: "refuse" });
});

test("a long paste is shown in part, and says how much is left", () => {
  const check = checkPaste(Array.from({ length: 20 }, (_, index) => `${index} ${"x".repeat(200)}`).join("\n"));
  expect(check).toMatchObject({ kind: "ask", lines: 20 });
  const preview = check.kind === "ask" ? check.preview.split("\n") : [];
  expect(preview).toHaveLength(9);
  expect(preview.at(-1)).toBe("… and 12 more");
  expect(Math.max(...preview.map(({ length }) => length))).toBe(101);
});

test("pieces are the text again, none larger than allowed", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 7 }), (text, bytes) => {
      const pieces = inputPieces(text, bytes);
      expect(pieces.every(({ length }) => length > 0 && length <= bytes)).toBe(true);
      const joined = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
      expect(new TextDecoder().decode(joined)).toBe(new TextDecoder().decode(new TextEncoder().encode(text)));
    }),
  );
});
