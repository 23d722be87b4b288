import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebFleet } from "./web-fleet.ts";
import { openLooker, visit, WEB_DIALOGS, WEB_PAGES } from "./web-pages.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Three engines start for it, on a machine that may be busy. */
const SET_UP_TIMEOUT_MS = 600_000;

let fleet: WebFleet;
let signedIn: BrowserContext;
let signedOut: BrowserContext;

beforeAll(async () => {
  fleet = await WebFleet.open();
  const viewport = { width: 1440, height: 900 };
  signedIn = await openLooker(fleet, true, { viewport });
  signedOut = await openLooker(fleet, false, { viewport });
}, SET_UP_TIMEOUT_MS);
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

test.each([...WEB_PAGES, ...WEB_DIALOGS])("$name has no barriers, light and dark", async (webPage) => {
  const page = await visit(webPage.signedOut ? signedOut : signedIn, fleet, webPage);
  try {
    const light = await barriers(page, "light");
    expect([...light, ...(await barriers(page, "dark"))]).toEqual([]);
  } finally {
    await page.close();
  }
});

// A check that finds nothing proves nothing unless it finds something where there is something.
test("what is wrong is found, in the scheme in which it is wrong", async () => {
  const page = await visit(signedIn, fleet, { name: "broken", path: () => "/account" });
  try {
    await page.evaluate(`
      document.querySelector("h1").insertAdjacentHTML("afterend", "<button></button><p id=dusk>for light grounds only</p>");
      document.querySelector("#dusk").style.color = "#333";
    `);
    const light = await barriers(page, "light");
    expect(light).toEqual([expect.stringContaining("light: button-name")]);
    const dark = await barriers(page, "dark");
    expect(dark).toContainEqual(expect.stringContaining("dark: color-contrast at #dusk"));
  } finally {
    await page.close();
  }
});

/** Serious and critical findings of axe: scheme, rule, place, what is wrong. */
async function barriers(page: Page, colorScheme: "light" | "dark"): Promise<string[]> {
  await page.emulateMedia({ colorScheme });
  await page.waitForSelector(`html[data-mantine-color-scheme=${colorScheme}]`);
  if (colorScheme === "light") await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>(`axe.run({ resultTypes: ["violations"] })`);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary, html }) =>
          `${colorScheme}: ${id} at ${target.join(" ")}: ${failureSummary} (${html.slice(0, 160)})`,
      ),
    );
}
