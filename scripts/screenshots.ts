/** `npm run screenshots`: pictures of every page of the web page, into `docs/screenshots`. Needs what `npm test` needs. */
import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { WebFleet } from "../test/e2e/web-fleet.ts";
import { openLooker, visit, WEB_DIALOGS, WEB_PAGES, type WebPage } from "../test/e2e/web-pages.ts";

const FOLDER = join(import.meta.dirname, "..", "docs", "screenshots");
const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const DARK_TOO = new Set(["fleet", "containers", "logs", "terminal"]);

/** Until the hosts' charts have a line to show. */
const FIGURES_MS = 60_000;

type Tab = Awaited<ReturnType<typeof openLooker>>;

/** Names to take, all when there are none. */
const wanted = process.argv.slice(2);
const isWanted = ({ name }: WebPage): boolean => wanted.length === 0 || wanted.includes(name);

await mkdir(FOLDER, { recursive: true });
await using fleet = await WebFleet.open();
await sleep(FIGURES_MS);
for (const viewport of SIZES) {
  for (const colorScheme of ["light", "dark"] as const) {
    const look = { viewport, colorScheme, deviceScaleFactor: 1 };
    const signedIn = await openLooker(fleet, true, look);
    const signedOut = await openLooker(fleet, false, look);
    const pages = [...WEB_PAGES, ...WEB_DIALOGS].filter((webPage) => isWanted(webPage) && webPage.once !== true);
    for (const webPage of pages.filter(({ name }) => colorScheme === "light" || DARK_TOO.has(name))) {
      const name = `${webPage.name}-${viewport.width}${colorScheme === "dark" ? "-dark" : ""}`;
      await take(webPage.signedOut ? signedOut : signedIn, webPage, name);
    }
    for (const tab of [signedIn, signedOut]) await tab.context().close();
  }
}

async function take(tab: Tab, webPage: WebPage, name: string): Promise<void> {
  try {
    await visit(tab, fleet, webPage);
    await hideMachine(tab);
    const over = await tab.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
    await tab.screenshot({ path: join(FOLDER, `${name}.png`) });
    console.log(over > 0 ? `${name}: ${over} px wider than the window` : name);
  } catch (error) {
    // One page that fails must not cost the pictures of the others.
    console.error(`${name} failed: ${String(error)}`);
    process.exitCode = 1;
  }
}

/** The engines of the pictures are private ones: where they keep their data, and on what machine, is not the page's. */
async function hideMachine(page: Tab): Promise<void> {
  await page.evaluate(`{
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const shown = node.data.replaceAll(/\\/tmp\\/fl-\\w+\\/data/g, "/var/lib/docker").replaceAll(${JSON.stringify(hostname())}, "docker-host");
      if (shown !== node.data) node.data = shown;
    }
  }`);
}
