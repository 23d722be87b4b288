import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebFleet } from "./web-fleet.ts";
import { openLooker, visit, WEB_DIALOGS, WEB_PAGES } from "./web-pages.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCHEMES = ["light", "dark"] as const;
type Scheme = (typeof SCHEMES)[number];

let fleet: WebFleet;
let contexts: Record<`${Scheme} ${"in" | "out"}`, BrowserContext>;

beforeAll(async () => {
  fleet = await WebFleet.open();
  const looker = (colorScheme: Scheme, isSignedIn: boolean): Promise<BrowserContext> =>
    openLooker(fleet, isSignedIn, { viewport: { width: 1440, height: 900 }, colorScheme });
  contexts = {
    "light in": await looker("light", true),
    "light out": await looker("light", false),
    "dark in": await looker("dark", true),
    "dark out": await looker("dark", false),
  };
});
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

const CASES = [...WEB_PAGES, ...WEB_DIALOGS].flatMap((webPage) =>
  SCHEMES.map((scheme) => ({ ...webPage, scheme, webPage })),
);

test.each(CASES)("$name, $scheme: nothing that keeps people out", async ({ webPage, scheme }) => {
  const page = await visit(contexts[`${scheme} ${webPage.signedOut ? "out" : "in"}`], fleet, webPage);
  try {
    expect(await barriers(page)).toEqual([]);
  } finally {
    await page.close();
  }
});

// A check that finds nothing proves nothing unless it finds something where there is something.
test("what is wrong is found", async () => {
  const page = await visit(contexts["light in"], fleet, { name: "broken", path: () => "/account" });
  try {
    await page.evaluate(`document.querySelector("h1").insertAdjacentHTML("afterend", "<button></button>")`);
    expect((await barriers(page)).join()).toContain("button-name");
  } finally {
    await page.close();
  }
});

/** Serious and critical findings of axe: rule, place, and what to do. */
async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>(`axe.run({ resultTypes: ["violations"] })`);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary, html }) => `${id} at ${target.join(" ")}: ${failureSummary} (${html.slice(0, 160)})`,
      ),
    );
}
