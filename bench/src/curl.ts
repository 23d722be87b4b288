import { runCommand } from "@fairlead/testkit";
import type { Target } from "./target.ts";

/** Slower than 2 MB/s there is nothing to compare. */
const TIMEOUT_MS = 10 * 60 * 1000;

/** Downloads `bytes` from the engine with curl, a client that costs little, and throws them away; the seconds that it took. */
export async function curlDownload(target: Target, bytes: number, signal?: AbortSignal): Promise<number> {
  const url = `${baseUrl(target)}/v1.45/images/get?bytes=${bytes}`;
  const format = "%{http_code} %{size_download} %{time_total}";
  const output = await curl(target, ["-o", "/dev/null", "-w", format, url], signal);
  const [status, received, seconds] = output.split(" ");
  if (status !== "200" || Number(received) !== bytes) throw new Error(`${target.name}: ${output}, not ${bytes} bytes`);
  return Number(seconds);
}

/** Uploads a file `times` times with curl, one after another on one connection; the seconds that it took. */
export async function curlUpload(target: Target, path: string, bytes: number, times = 1): Promise<number> {
  const url = `${baseUrl(target)}/v1.45/images/load?hash=off`;
  const one = ["-X", "POST", "-T", path, url];
  // Without the empty Expect curl would wait for a 100 first. The engine's answer is a line of JSON of its own.
  const output = await curl(target, [
    "-H",
    "Expect:",
    "-H",
    "Content-Type: application/x-tar",
    "-w",
    "%{http_code} %{time_total}\n",
    ...Array.from({ length: times }, () => one).flat(),
  ]);
  const lines = output.trim().split("\n");
  let seconds = 0;
  for (let at = 0; at < times * 2; at += 2) {
    const [status, time] = lines[at + 1]?.split(" ") ?? [];
    if (status !== "200" || lines[at] !== JSON.stringify({ bytes }))
      throw new Error(`${target.name}: ${lines[at]} ${lines[at + 1]}, not ${bytes} bytes`);
    seconds += Number(time);
  }
  return seconds;
}

function baseUrl({ connection, caPath, prefix }: Target): string {
  const authority = "socketPath" in connection ? "localhost" : `${connection.host}:${connection.port}`;
  return `${caPath === undefined ? "http" : "https"}://${authority}${prefix}`;
}

async function curl(target: Target, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const { connection, caPath, headers } = target;
  const common = [
    "--disable",
    "--silent",
    "--show-error",
    "--http1.1",
    "--noproxy",
    "*",
    ...("socketPath" in connection ? ["--unix-socket", connection.socketPath] : []),
    ...(caPath === undefined ? [] : ["--cacert", caPath]),
    ...Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]),
  ];
  const options = { timeoutMs: TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
  const { code, stdout, stderr } = await runCommand("curl", [...common, ...args], options);
  if (code !== 0) throw new Error(`${target.name}: curl ended with ${code}: ${stdout.toString()} ${stderr.toString()}`);
  return stdout.toString();
}
