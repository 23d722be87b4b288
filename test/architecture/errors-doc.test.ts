import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ERRORS } from "@fairlead/protocol";

// docs/errors.md is for people, the table for programs: neither may say what the other does not.
test("docs/errors.md and the error table hold the same rows", () => {
  const document = readFileSync(join(import.meta.dirname, "..", "..", "docs", "errors.md"), "utf8");
  const documented = [...document.matchAll(/^\| `(\w+)` \| (\d+) \| (\d+) \| (yes|no) \| (\w+) \| (.+) \|$/gm)].map(
    ([, code, status, close, retryable, fault, meaning]) => [
      code,
      Number(status),
      Number(close),
      retryable === "yes",
      fault,
      meaning,
    ],
  );
  const table = Object.entries(ERRORS).map(([code, row]) => [
    code,
    row.status,
    row.close,
    row.retryable,
    row.fault,
    row.meaning,
  ]);
  const byCode = (a: unknown[], b: unknown[]) => String(a[0]).localeCompare(String(b[0]));
  expect(documented.toSorted(byCode)).toEqual(table.toSorted(byCode));
});
