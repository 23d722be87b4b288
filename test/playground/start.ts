/**
 * `node test/playground/start.ts`: a hub with two hosts (engines of their own, with containers that write, fail and rest) and two people,
 * for who works on the page. Prints where and how to sign in; Ctrl-C ends all of it.
 */
import type { CreatedEnvironment } from "@fairlead/protocol/rest";
import { type Dockerd, startAgent, startDockerd, startHub, tempDir } from "@fairlead/testkit";

const PASSWORD = "four words and a horse";

/** Writes lines of several kinds, quietly: JSON, errors, plain. */
const CHATTER = `i=0; while true; do i=$((i+1)); echo "{\\"level\\":\\"info\\",\\"msg\\":\\"served\\",\\"n\\":$i,\\"ms\\":$((i%90))}"; echo "GET /page/$i 200"; [ $((i%7)) = 0 ] && echo "error: upstream $i timed out" >&2; sleep 2; done`;

async function fill(engine: Dockerd, place: string): Promise<void> {
  const run = (name: string, ...args: string[]): Promise<string> =>
    engine.dockerOk(["run", "-d", "--stop-timeout", "1", "--name", name, ...args]);
  await engine.dockerOk(["network", "create", "front"]);
  await engine.dockerOk(["volume", "create", "data"]);
  await run(
    "web",
    "--network",
    "front",
    "--label",
    "com.docker.compose.project=shop",
    "--label",
    "com.docker.compose.service=web",
    "-e",
    "API_TOKEN=s3cr3t",
    "-e",
    "MODE=prod",
    "-v",
    "data:/data",
    "-p",
    "127.0.0.1::80",
    "busybox",
    "sh",
    "-c",
    CHATTER,
  );
  await run(
    "db",
    "--network",
    "front",
    "--label",
    "com.docker.compose.project=shop",
    "--label",
    "com.docker.compose.service=db",
    "--health-cmd",
    "true",
    "--health-interval",
    "2s",
    "--memory",
    "64m",
    "busybox",
    "sh",
    "-c",
    CHATTER,
  );
  await run(
    `worker-${place}`,
    "--health-cmd",
    "exit 1",
    "--health-interval",
    "2s",
    "--health-retries",
    "2",
    "busybox",
    "sleep",
    "1d",
  );
  await run("paused", "busybox", "sleep", "1d");
  await engine.dockerOk(["pause", "paused"]);
  await engine.docker(["run", "--name", "failed", "busybox", "sh", "-c", "echo it broke >&2; exit 3"]);
}

async function main(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const [hub, attic, cellar] = await Promise.all([startHub(), startDockerd({ network: true }), startDockerd()]);
  stack.use(hub);
  stack.use(attic);
  stack.use(cellar);
  const folder = stack.use(await tempDir());
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${hub.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${hub.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  const hosts = [
    ["attic", attic, { site: "home" }],
    ["cellar", cellar, { site: "home", gpu: "no" }],
  ] as const;
  for (const [name, engine, labels] of hosts) {
    await engine.importBusybox();
    await fill(engine, name);
    const { agentToken = "" } = await api<CreatedEnvironment>("POST", "/environments", { name, kind: "edge", labels });
    const serverUrl = `${hub.url.replace("http", "ws")}/api/hawser/connect`;
    stack.use(
      await startAgent({
        serverUrl,
        token: agentToken,
        dockerSocket: engine.socketPath,
        env: { METRICS_INTERVAL: "5" },
      }),
    );
  }
  await api("POST", "/environments", { name: "garage", kind: "edge", labels: { site: "away" } });

  const url = hub.url.replace("127.0.0.1", "localhost");
  const [link = ""] = await hub.waitForLine(/http:\/\/\S+\/first-admin#\S+/);
  const invited = await api<{ url: string }>("POST", "/invitations", {
    email: "vera@example.com",
    name: "Vera",
    roles: [{ role: "viewer", scope: { type: "all" } }],
  });
  await post(`${url}/api/v1/first-admin`, {
    token: link.split("#")[1],
    name: "Ada",
    email: "ada@example.com",
    password: PASSWORD,
  });
  await post(`${url}/api/v1/links/accept`, { token: invited.url.split("#")[1], name: "Vera", password: PASSWORD });
  console.log(`Ready: ${url}\n  ada@example.com (admin) and vera@example.com (viewer), password: ${PASSWORD}`);
  console.log(
    `  FAIRLEAD_URL=${url} FAIRLEAD_API_TOKEN=${hub.token}\n  engines: ${attic.socketPath} ${cellar.socketPath}\n  temporary folder: ${folder.path}`,
  );
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { "content-type": "application/json", origin: new URL(url).origin };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${await response.text()}`);
}

await main();
