import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type HubProgram, startHub, startProgram, waitFor } from "@fairlead/testkit";
import { BrowserPage } from "./devtools.ts";
import { type Figure, percentile } from "./report.ts";
import { FULL, type Sizes } from "./sizes.ts";

interface WebLogsSizes {
  readonly seconds: number;
  readonly linesPerSecond: number;
  readonly containers: number;
}

const FULL_LOGS: WebLogsSizes = { seconds: 45, linesPerSecond: 10_000, containers: 4 };
const QUICK_LOGS: WebLogsSizes = { seconds: 5, linesPerSecond: 1_000, containers: 2 };

/** How often is looked at how late lines are shown. */
const SAMPLE_MS = 250;
/** Lines of sources that are read together wait 300 ms for earlier ones. */
const LAG_BUDGET_MS = 1_000;
/** People notice a page that does not answer for longer. */
const LONG_TASK_MS = 100;
const PASSWORD = "four words and a horse";
const MIB = 1024 ** 2;

/** In the page: its long tasks, and the time between frames. */
const PROBE = `
  window.bench = { tasks: [], frames: [] };
  new PerformanceObserver((list) => bench.tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
  let before = performance.now();
  const frame = (now) => { bench.frames.push(now - before); before = now; requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
`;

interface Probe {
  readonly tasks: readonly number[];
  readonly frames: readonly number[];
}

/** Logs of several containers in a real browser, merged and followed, that write 10,000 lines a second together. */
export async function benchWebLogs(sizes: Sizes): Promise<Figure[]> {
  const { seconds, linesPerSecond, containers } = sizes === FULL ? FULL_LOGS : QUICK_LOGS;
  await using stack = new AsyncDisposableStack();
  const hub = stack.use(await startHub({ env: { FAIRLEAD_REQUESTS_PER_SECOND: "0" } }));
  const file = join(import.meta.dirname, "web-logs-engine.ts");
  const args = [file, String(containers), String(linesPerSecond)];
  const engine = stack.use(await startProgram(process.execPath, args));
  const [, socketPath = ""] = await engine.waitForLine(/engine on (\S+)/, 60_000);
  const environment = await addSocketEnvironment(hub, socketPath);
  const origin = await makeFirstAdmin(hub);
  const browser = stack.use(await BrowserPage.open());

  await browser.goto(`${origin}/sign-in`);
  await waitFor(() => browser.evaluate<boolean>(`document.readyState === "complete"`), { what: "the page" });
  await browser.evaluate(`fetch("/api/auth/sign-in/email", { method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: "ada@example.com", password: ${JSON.stringify(PASSWORD)} }) })
    .then((response) => { if (!response.ok) throw new Error("sign-in: " + response.status); })`);
  await browser.beforeEachPage(PROBE);
  const sources = Array.from({ length: containers }, (_, index) => `${environment}/writer-${index + 1}`).join(",");
  await browser.goto(`${origin}/logs?sources=${encodeURIComponent(sources)}`);
  await waitFor(() => browser.evaluate<boolean>(`document.querySelector(".fl-log-row") !== null`), {
    what: "the first line",
    timeoutMs: 120_000,
  });
  // Loading the page is not what is measured.
  await browser.evaluate(`bench.tasks.length = bench.frames.length = 0`);

  const lags: number[] = [];
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until) {
    await sleep(SAMPLE_MS);
    lags.push(
      await browser.evaluate<number>(`Date.now() - Date.parse(
      [...document.querySelectorAll(".fl-log-time")].at(-1)?.title.replace(/(\\.\\d{3})\\d*/, "$1"))`),
    );
  }
  const { tasks, frames } = await browser.evaluate<Probe>(`bench`);
  const status = await browser.evaluate<string>(`document.querySelector(".fl-log-frame").innerText`);
  const held = Number((/([\d,]+) lines/.exec(status)?.[1] ?? "").replaceAll(",", ""));
  const [worker = ""] = browser.workers;
  const expected = Math.min(200_000, seconds * linesPerSecond * 0.8);
  return [
    {
      name: "logs in the page, lines held",
      unit: "lines",
      value: held,
      budget: { atLeast: expected, atMost: 210_000 },
    },
    {
      name: `logs in the page, tasks over ${LONG_TASK_MS} ms`,
      unit: "tasks",
      value: tasks.filter((duration) => duration > LONG_TASK_MS).length,
      budget: { atMost: 0 },
    },
    { name: "logs in the page, longest task", unit: "ms", value: Math.max(0, ...tasks) },
    { name: "logs in the page, time between frames, p50", unit: "ms", value: percentile(frames, 0.5) },
    { name: "logs in the page, time between frames, p99", unit: "ms", value: percentile(frames, 0.99) },
    { name: "logs in the page, from written to shown, p50", unit: "ms", value: percentile(lags, 0.5) },
    {
      name: "logs in the page, from written to shown, p99",
      unit: "ms",
      value: percentile(lags, 0.99),
      budget: { atMost: LAG_BUDGET_MS },
    },
    { name: "logs in the page, heap of the page", unit: "MiB", value: (await browser.heapBytes()) / MIB },
    {
      name: "logs in the page, heap of the worker",
      unit: "MiB",
      value: (await browser.heapBytes(worker)) / MIB,
      budget: { atMost: 120 },
    },
  ];
}

async function addSocketEnvironment(hub: HubProgram, socketPath: string): Promise<number> {
  const response = await fetch(`${hub.url}/api/v1/environments`, {
    method: "POST",
    headers: { authorization: `Bearer ${hub.token}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "bench", kind: "socket", address: `unix://${socketPath}` }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${answer}`);
  return (JSON.parse(answer) as { environment: { id: number } }).environment.id;
}

/** Somebody who may sign in; the address of the page, where cookies are for. */
async function makeFirstAdmin(hub: HubProgram): Promise<string> {
  const origin = hub.url.replace("127.0.0.1", "localhost");
  const [, token = ""] = await hub.waitForLine(/\/first-admin#(\S+)/, 60_000);
  const response = await fetch(`${origin}/api/v1/first-admin`, {
    method: "POST",
    headers: { "content-type": "application/json", origin },
    body: JSON.stringify({ token, name: "Ada", email: "ada@example.com", password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return origin;
}
