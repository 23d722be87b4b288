import { request } from "node:http";
import { type Figure, median } from "./report.ts";
import type { Target, Tunnel } from "./tunnel.ts";

const BYTES = 1024 ** 3;
const RUNS = 3;

/** 1 GiB from the engine, streamed: through protocol 1.0 (JSON, base64) against the direct socket. Medians of three. */
export async function benchBulkDownload({ direct, tunnel }: Tunnel): Promise<Figure[]> {
  const through: number[] = [];
  const before: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    before.push(await download(direct));
    through.push(await download(tunnel));
  }
  return [{ name: "1 GiB down, 1.0 streams", unit: "s", value: median(through), direct: median(before) }];
}

function download(target: Target): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const path = `${target.prefix}/v1.45/images/get?bytes=${BYTES}`;
    request({ ...target.connection, path, headers: target.headers }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => (bytes += chunk.length));
      response.on("error", reject);
      response.on("end", () => {
        if (bytes === BYTES) resolve((performance.now() - start) / 1000);
        else reject(new Error(`${target.name}: ${response.statusCode}, ${bytes} bytes`));
      });
    })
      .on("error", reject)
      .end();
  });
}
