import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const docs = join(import.meta.dirname, "..", "..", "docs");

/** Links to tests, each with the names in quotation marks that follow it. */
const REFERENCE = /\]\((\.\.\/[^)]+\.test\.ts)\)((?:,? "[^"]+")*)/g;

// A claim about security that nothing holds is a hope.
test("each claim of docs/threat-model.md names a test that is there", () => {
  const text = readFileSync(join(docs, "threat-model.md"), "utf8");
  const claims = text.split("\n").filter((line) => line.startsWith("| ") && !/^\| (claim|---)/.test(line));
  expect(claims.length).toBeGreaterThan(25);
  for (const claim of claims) {
    const references = [...claim.matchAll(REFERENCE)];
    expect(references.length, claim).toBeGreaterThan(0);
    for (const [, path = "", names = ""] of references) {
      const source = readFileSync(join(docs, path), "utf8");
      for (const [, name = ""] of names.matchAll(/"([^"]+)"/g)) expect(source, `${path}: ${name}`).toContain(name);
    }
  }
});

test("each claim of SECURITY.md names a test that is there", () => {
  const root = join(docs, "..");
  const [, claims = ""] = readFileSync(join(root, "SECURITY.md"), "utf8").split(
    /^## What holds today$|^## What does not hold$/m,
  );
  const bullets = claims.split(/^- /m).slice(1);
  expect(bullets.length).toBeGreaterThan(10);
  for (const bullet of bullets) {
    const paths = [...bullet.matchAll(/\]\(([^)]+\.test\.ts)\)/g)].map(([, path = ""]) => path);
    expect(paths.length, bullet).toBeGreaterThan(0);
    for (const path of paths) expect(existsSync(join(root, path)), path).toBe(true);
  }
});
