/**
 * Many downloads at once, each compared with the fake engine's pattern as it comes. Reads a plan as JSON from a file named on the command
 * line; prints `N exact at RATE MB/s` over all runs, and for each other download what was wrong.
 */
import { readFileSync } from "node:fs";
import { patternBytes } from "@fairlead/testkit";
import { median } from "./report.ts";
import { get, type Target } from "./target.ts";

export interface DownloadPlan {
  readonly target: Target;
  /** At once, in each run. */
  readonly downloads: number;
  /** Of each. */
  readonly bytes: number;
  readonly runs: number;
}

const { target, downloads, bytes, runs } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as DownloadPlan;
const expected = patternBytes(bytes);

/** What was wrong, if something was. */
function download(): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const request = get(target, `/v1.45/images/get?bytes=${bytes}`, (response) => {
    let received = 0;
    let wrong = response.statusCode === 200 ? undefined : `status ${response.statusCode}`;
    response.on("data", (chunk: Buffer) => {
      if (!chunk.equals(expected.subarray(received, received + chunk.length))) wrong ??= `differs after ${received}`;
      received += chunk.length;
    });
    response.on("error", (error) => resolve(`${error.message} after ${received}`));
    response.on("end", () => resolve(wrong ?? (received === bytes ? undefined : `ends after ${received}`)));
  });
  request.on("error", (error) => resolve(error.message));
  return promise;
}

let exact = 0;
const rates: number[] = [];
for (let run = 0; run < runs; run += 1) {
  const start = performance.now();
  for (const wrong of await Promise.all(Array.from({ length: downloads }, download))) {
    if (wrong === undefined) exact += 1;
    else console.log(wrong);
  }
  rates.push((downloads * bytes) / 1e3 / (performance.now() - start));
}
console.log(`${exact} exact at ${median(rates).toFixed(1)} MB/s`);
