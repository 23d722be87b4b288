import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebFleet } from "./web-fleet.ts";
import { DIALOG, openLooker, visit, WEB_DIALOGS, WEB_PAGES } from "./web-pages.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Three engines start for it, on a machine that may be busy. */
const SET_UP_TIMEOUT_MS = 600_000;

let fleet: WebFleet;
let signedIn: Page;
let signedOut: Page;

beforeAll(async () => {
  fleet = await WebFleet.open();
  const viewport = { width: 1440, height: 900 };
  signedIn = await openLooker(fleet, true, { viewport });
  signedOut = await openLooker(fleet, false, { viewport });
}, SET_UP_TIMEOUT_MS);
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]();
});

test.each(WEB_PAGES)("$name has no barriers, light and dark", async (webPage) => {
  const tab = webPage.signedOut ? signedOut : signedIn;
  await visit(tab, fleet, webPage);
  expect(await barriers(tab, "html")).toEqual([]);
});

// The page behind it was looked at above.
test.each(WEB_DIALOGS)("$name has no barriers, light and dark", async (webPage) => {
  await visit(signedIn, fleet, webPage);
  expect(await barriers(signedIn, DIALOG)).toEqual([]);
});

// A check that finds nothing proves nothing unless it finds something where there is something.
test("what is wrong is found, in the scheme in which it is wrong", async () => {
  await visit(signedIn, fleet, { name: "broken", path: () => "/account" });
  await signedIn.evaluate(`
    document.querySelector("h1").insertAdjacentHTML("afterend", "<button></button><p id=dusk>for light grounds only</p>");
    document.querySelector("#dusk").style.color = "#333";
  `);
  expect(await barriers(signedIn, "html")).toEqual([
    expect.stringContaining("light: button-name"),
    expect.stringContaining("dark: color-contrast at #dusk"),
  ]);
});

/** The rules of axe that look at colours. All others find in the dark what they find in the light. */
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

interface AxeInPage {
  readonly axe: { run(element: unknown, options: RunOptions): Promise<AxeResults> };
}

/** Serious and critical findings of axe in an element: scheme, rule, place, what is wrong. */
async function barriers(tab: Page, selector: string): Promise<string[]> {
  await setScheme(tab, "light");
  if (!(await tab.evaluate<boolean>("'axe' in globalThis"))) await tab.evaluate(AXE);
  const element = tab.locator(selector);
  const light = await findings(element, "light", { resultTypes: ["violations"] });
  await setScheme(tab, "dark");
  return [...light, ...(await findings(element, "dark", { resultTypes: ["violations"], runOnly: COLOUR_RULES }))];
}

async function setScheme(tab: Page, colorScheme: "light" | "dark"): Promise<void> {
  await tab.emulateMedia({ colorScheme });
  await tab.waitForSelector(`html[data-mantine-color-scheme=${colorScheme}]`);
}

async function findings(element: Locator, scheme: string, options: RunOptions): Promise<string[]> {
  const { violations } = await element.evaluate(
    (node, how) => (globalThis as unknown as AxeInPage).axe.run(node, how),
    options,
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary, html }) =>
          `${scheme}: ${id} at ${target.join(" ")}: ${failureSummary} (${html.slice(0, 160)})`,
      ),
    );
}
