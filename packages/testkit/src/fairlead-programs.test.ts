import { existsSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanEnvironment, fairleadBin, repositoryRoot, startAgent, startHub } from "./fairlead-programs.ts";
import { type TempDir, tempDir } from "./temp-dir.ts";

/** Prints the lines of the real programs, and shows what it was started with. */
const STAND_IN = `#!${process.execPath}
const { createServer } = require("node:http");
const { appendFileSync } = require("node:fs");
const [command, ...args] = process.argv.slice(2);
const after = (name) => args[args.indexOf(name) + 1];
const { TOKEN, DOCKER_SOCKET, DOCKHAND_SERVER_URL, FAIRLEAD_DATA_DIR, FAIRLEAD_BOOTSTRAP_TOKEN, DOCKER_HOST, PORT } = process.env;
const shown = { args, TOKEN, DOCKER_SOCKET, DOCKHAND_SERVER_URL, FAIRLEAD_BOOTSTRAP_TOKEN, DOCKER_HOST };
console.log(JSON.stringify(shown));
appendFileSync((command === "hub" ? after("--data") : FAIRLEAD_DATA_DIR) + "/starts", "x");
process.on("SIGTERM", () => process.exit(0));
if (DOCKHAND_SERVER_URL) {
  setInterval(() => {}, 1000);
  console.log("fairlead agent connected to " + DOCKHAND_SERVER_URL);
} else {
  const port = command === "hub" ? after("--listen").split(":")[1] : PORT;
  const server = createServer((_request, response) => response.end("here")).listen(Number(port), "127.0.0.1", () =>
    console.log("fairlead " + command + " listening on http://127.0.0.1:" + server.address().port));
}
`;

let folder: TempDir;
let bin: string;
beforeAll(async () => {
  folder = await tempDir();
  bin = `${folder.path}/fake-program`;
  await writeFile(bin, STAND_IN);
  await chmod(bin, 0o755);
});
afterAll(() => folder.stop());

async function get(url: string | undefined): Promise<string> {
  return (await fetch(url ?? "")).text();
}

test("a hub keeps its port and data over restart and kill, and its folder goes at the end", async () => {
  const hub = await startHub({ bin, args: ["--extra"], env: { DOCKER_HOST: "tcp://set-by-test" } });
  const [first, { port, pid, url }] = [hub.pid, hub];
  expect(JSON.parse(hub.lines[0] ?? "")).toMatchObject({
    args: ["--listen", "127.0.0.1:0", "--data", hub.dataDir, "--extra"],
    FAIRLEAD_BOOTSTRAP_TOKEN: hub.token,
    DOCKER_HOST: "tcp://set-by-test",
  });
  expect(await get(url)).toBe("here");
  await hub.restart();
  expect(hub.pid).not.toBe(first);
  expect([hub.port, await get(url)]).toEqual([port, "here"]);
  await hub.kill();
  expect(hub.exit).toEqual({ code: null, signal: "SIGKILL" });
  await hub.restart();
  expect(await get(url)).toBe("here");
  expect(hub.pid).not.toBe(pid);
  expect(await hub.stop()).toEqual({ code: 0, signal: null });
  expect(existsSync(hub.dataDir)).toBe(false);
});

test("an agent in either mode; a data folder that was given stays", async () => {
  await using data = await tempDir();
  const options = { bin, token: "t", dockerSocket: "/run/x.sock", dataDir: data.path };
  await using standard = await startAgent(options);
  const { url } = standard;
  expect(await get(url)).toBe("here");
  await standard.restart();
  expect([standard.url, await get(url)]).toEqual([url, "here"]);
  await using edge = await startAgent({ ...options, serverUrl: "ws://127.0.0.1:1/x" });
  expect(edge.url).toBeUndefined();
  expect(JSON.parse(edge.lines[0] ?? "")).toEqual({
    args: [],
    TOKEN: "t",
    DOCKER_SOCKET: "/run/x.sock",
    DOCKHAND_SERVER_URL: "ws://127.0.0.1:1/x",
  });
  await edge.stop();
  expect(existsSync(`${data.path}/starts`)).toBe(true);
});

test("knows where the checkout is, and starts programs without what the environment holds", () => {
  expect(existsSync(`${repositoryRoot}/package.json`)).toBe(true);
  expect(existsSync(fairleadBin)).toBe(true);
  expect(cleanEnvironment()).toHaveProperty("DOCKER_HOST", undefined);
});
