import { startFaultyNetwork } from "@fairlead/testkit";
import { startBenchEngine } from "./bench-engine.ts";
import { type Figure, median } from "./report.ts";
import type { Sizes } from "./sizes.ts";
import { engineTarget, get, type Target } from "./target.ts";
import { LINKS, openTunnel } from "./tunnel.ts";

const ROUND_TRIP_MS = 100;
const BUDGET = { atLeast: 40 };
/** The beginning, in which a window grows, is this part of the whole. */
const STEADY_FROM = 0.25;

interface Rates {
  /** MB/s, from the request to the last byte. */
  readonly whole: number;
  /** MB/s of the last three quarters. */
  readonly steady: number;
}

/** One download over 100 ms of round trip between agent and hub, against a plain TCP connection to the engine over the same. */
export async function benchLongPath({ longPathBytes: bytes, runs }: Sizes): Promise<Figure[]> {
  await using engine = await startBenchEngine();
  const direct = await directRates(engine.socketPath, bytes, runs);
  const figures: Figure[] = [];
  for (const link of LINKS) {
    await using tunnel = await openTunnel({ socketPath: engine.socketPath, link, roundTripMs: ROUND_TRIP_MS });
    const { whole, steady } = await medianRates(tunnel.target, bytes, runs);
    const name = `one download over ${ROUND_TRIP_MS} ms, ${link}`;
    const compared = (value: number) => ({ name: "direct, TCP", value });
    figures.push(
      { name, unit: "MB/s", value: steady, reference: compared(direct.steady), budget: BUDGET },
      { name: `${name}, with its beginning`, unit: "MB/s", value: whole, reference: compared(direct.whole) },
    );
  }
  return figures;
}

async function directRates(socketPath: string, bytes: number, runs: number): Promise<Rates> {
  await using network = await startFaultyNetwork({ path: socketPath });
  network.delay(ROUND_TRIP_MS / 2);
  return await medianRates(engineTarget("direct, TCP", { host: "127.0.0.1", port: network.port }), bytes, runs);
}

async function medianRates(target: Target, bytes: number, runs: number): Promise<Rates> {
  const rates: Rates[] = [];
  for (let run = 0; run < runs; run += 1) rates.push(await download(target, bytes));
  return { whole: median(rates.map(({ whole }) => whole)), steady: median(rates.map(({ steady }) => steady)) };
}

function download(target: Target, bytes: number): Promise<Rates> {
  const { promise, resolve, reject } = Promise.withResolvers<Rates>();
  const start = performance.now();
  const request = get(target, `/v1.45/images/get?bytes=${bytes}`, (response) => {
    let received = 0;
    let steady: { readonly at: number; readonly received: number } | undefined;
    response.on("data", (chunk: Buffer) => {
      received += chunk.length;
      if (received >= bytes * STEADY_FROM) steady ??= { at: performance.now(), received };
    });
    response.on("error", reject);
    response.on("end", () => {
      if (response.statusCode !== 200 || received !== bytes || steady === undefined) {
        reject(new Error(`${target.name}: ${response.statusCode}, ${received} bytes`));
        return;
      }
      const end = performance.now();
      resolve({
        whole: received / 1e3 / (end - start),
        steady: (received - steady.received) / 1e3 / (end - steady.at),
      });
    });
  });
  request.on("error", reject);
  return promise;
}
