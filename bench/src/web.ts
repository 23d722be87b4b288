import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "@fairlead/testkit";
import { BrowserPage } from "./devtools.ts";
import { type Figure, figureRow, HEAD_ROWS, median, percentile } from "./report.ts";
import { FULL, type Sizes } from "./sizes.ts";
import { FORGET, KEYS, LONG_TASKS, PAGE_PROBE, TABLE_TIME } from "./web-page-probe.ts";
import { openWebFleet, type WebFleet } from "./web-fleet.ts";

/** From the containers' list to a table that can be used. */
const TABLE_BUDGET = { atMost: 1_000 };
const SCROLL_BUDGET = { atMost: 100 };
const KEY_BUDGET = { atMost: 50 };

/** As fast as somebody types who is quick. */
const KEY_PAUSE_MS = 100;
const WHEEL_PAUSE_MS = 30;
const WHEEL_PX = 500;
/** After loading: the page's first figures and lists are in. */
const SETTLE_MS = 3_000;
/** A key faster than what browsers tell of. */
const UNTOLD_KEY_MS = 16;
const TYPED = "host-1 state:running -web ";

/** The web page with a fleet: the table of all its containers in a real Chromium. Writes `bench/web.md`, but with full sizes only. */
export async function benchWeb(sizes: Sizes): Promise<Figure[]> {
  await using fleet = await openWebFleet(sizes);
  await using page = await BrowserPage.open();
  await page.beforeEachPage(PAGE_PROBE);
  await page.goto(`${fleet.url}/sign-in`);
  await waitFor(async () => (await page.evaluate<number>(fleet.signIn)) === 200, { what: "the sign-in" });

  const of = `${fleet.containers.toLocaleString("en")} containers`;
  const tables: number[] = [];
  for (let run = 0; run < sizes.runs; run += 1) tables.push(await loadTable(page, fleet));
  await sleep(SETTLE_MS);
  const scrolling = await scroll(page, fleet.containers);
  await fleet.toggleEvents();
  await sleep(SETTLE_MS);
  const begunAt = performance.now();
  const keys = await type(page, sizes);
  const busyTasks = await page.evaluate<number[]>(LONG_TASKS);
  const seconds = (performance.now() - begunAt + SETTLE_MS) / 1_000;
  const sent = await fleet.toggleEvents();

  const rate = `${sizes.webEventsPerSecond} events/s`;
  const figures: Figure[] = [
    { name: `web, ${of}: table after its data, median`, unit: "ms", value: median(tables), budget: TABLE_BUDGET },
    { name: `web, ${of}: table after its data, worst`, unit: "ms", value: Math.max(...tables), budget: TABLE_BUDGET },
    {
      name: `web, ${of}: scrolling, longest task`,
      unit: "ms",
      value: Math.max(0, ...scrolling),
      budget: SCROLL_BUDGET,
    },
    { name: `web, ${of}: scrolling, tasks over 50 ms`, unit: "", value: scrolling.length },
    { name: `web, ${rate}: key to paint, median`, unit: "ms", value: median(keys), budget: KEY_BUDGET },
    { name: `web, ${rate}: key to paint, p98`, unit: "ms", value: percentile(keys, 0.98), budget: KEY_BUDGET },
    { name: `web, ${rate}: key to paint, worst of ${keys.length}`, unit: "ms", value: Math.max(...keys) },
    { name: `web, ${rate}: typing, longest task`, unit: "ms", value: Math.max(0, ...busyTasks) },
    { name: `web, ${rate}: events that were sent`, unit: "/s", value: sent / seconds },
  ];
  if (sizes === FULL) await writeReport(figures);
  return figures;
}

async function loadTable(page: BrowserPage, { url }: WebFleet): Promise<number> {
  await page.goto(`${url}/containers`);
  return waitFor(() => page.evaluate<number | null>(TABLE_TIME).catch(() => null), { what: "the table's rows" });
}

/** Down the whole table and up again, with a wheel; durations of long tasks meanwhile. */
async function scroll(page: BrowserPage, containers: number): Promise<number[]> {
  await page.evaluate(FORGET);
  const steps = Math.min(200, Math.ceil((containers * 38) / WHEEL_PX));
  for (const direction of [1, -1]) {
    for (let step = 0; step < steps; step += 1) {
      await page.wheel(direction * WHEEL_PX);
      await sleep(WHEEL_PAUSE_MS);
    }
  }
  await sleep(SETTLE_MS);
  return page.evaluate<number[]>(LONG_TASKS);
}

/** Types a filter and takes it back, again and again; milliseconds from each key to the next paint. */
async function type(page: BrowserPage, { webKeys }: Sizes): Promise<number[]> {
  await page.evaluate(`document.querySelector('input[aria-label="Filter containers"]').focus(); ${FORGET}`);
  const letters = TYPED.split("");
  for (let key = 0; key < webKeys; key += 1) {
    const turn = key % (2 * letters.length);
    await page.key(letters[turn] ?? "Backspace");
    await sleep(KEY_PAUSE_MS);
  }
  await sleep(SETTLE_MS);
  const told = await page.evaluate<number[]>(KEYS);
  return [...told, ...Array<number>(Math.max(0, webKeys - told.length)).fill(UNTOLD_KEY_MS)];
}

async function writeReport(figures: readonly Figure[]): Promise<void> {
  const text = `# The web page with a fleet

Written by \`npm run bench web\`: a real hub, its hosts simulated by one process, a real Chromium without a window on the same machine.
Keys are measured by the browser from the press to the next paint, in steps of 8 ms; one that took less than 16 ms counts as 16.

${[...HEAD_ROWS, ...figures.map(figureRow)].join("\n")}
`;
  await writeFile(join(import.meta.dirname, "..", "web.md"), text);
}
