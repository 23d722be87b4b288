import type { CreatedEnvironment, Environment } from "@fairlead/protocol/rest";
import { type Dockerd, startAgent, startDockerd, waitFor } from "@fairlead/testkit";
import { WebStage } from "./web-stage.ts";

/** What an application would write: a few lines when it starts, then one at a time. */
const CHATTER = `
line() {
  echo "{\\"level\\":\\"info\\",\\"msg\\":\\"served\\",\\"path\\":\\"/products/$((i * 7 % 90))\\",\\"ms\\":$((i * 13 % 90 + 3))}"
  echo "GET /products/$((i * 7 % 90)) 200 $((i * 13 % 90 + 3))ms"
  [ $((i % 5)) = 0 ] && echo "error: payment gateway timed out after 3000 ms, order $((1000 + i))" >&2
}
i=0; while [ $i -lt 15 ]; do i=$((i+1)); line; done
while true; do i=$((i+1)); line; sleep 5; done`;
const DATABASE = `
i=0; while [ $i -lt 12 ]; do i=$((i+1)); echo "LOG:  checkpoint complete: wrote $((i * 31 % 200)) buffers"; done
while true; do i=$((i+1)); echo "LOG:  checkpoint complete: wrote $((i * 31 % 200)) buffers"; sleep 7; done`;

/** Three hosts as a small shop has them: `attic` and `cellar` at work, `garage` gone off after it was seen. For tests and pictures of the page. */
export class WebFleet implements AsyncDisposable {
  readonly web: WebStage;
  /** What addresses of pages need: `/environments/attic/images/IMAGE`. */
  readonly image: string;
  readonly network: string;
  readonly container: string;
  /** Path of a link that lets somebody in. */
  readonly invitation: string;
  /** Path of a link that asks whether a program gets in. */
  readonly device: string;

  private constructor(web: WebStage, addresses: Pick<WebFleet, "image" | "network" | "container">, links: string[]) {
    this.web = web;
    this.image = addresses.image;
    this.network = addresses.network;
    this.container = addresses.container;
    [this.invitation = "", this.device = ""] = links;
  }

  static async open(): Promise<WebFleet> {
    await using stack = new AsyncDisposableStack();
    const web = stack.use(await WebStage.open({ engine: { network: true } }));
    const { stage } = web;
    await Promise.all([openAttic(web), openCellar(web), leaveGarage(web)]);
    await web.person("Vera", [{ role: "viewer", scope: { type: "all" } }]);
    const invited = await stage.api<{ url: string }>("POST", "/invitations", {
      email: "otto@example.com",
      name: "Otto",
      roles: [{ role: "operator", scope: { type: "all" } }],
    });
    await stage.api("POST", "/tokens", { name: "deploy" });
    const device = await stage.api<{ verificationUrlComplete: string }>("POST", "/device/start", {
      hostname: "laptop",
    });
    const id = async (...args: string[]): Promise<string> =>
      (await stage.engine.dockerOk([...args, "--format", "{{.Id}}"])).replace("sha256:", "").slice(0, 12);
    const fleet = new WebFleet(
      web,
      {
        image: await id("image", "inspect", "shop/web:2.4"),
        network: await id("network", "inspect", "shop_front"),
        container: await id("container", "inspect", "web"),
      },
      [invited.url, device.verificationUrlComplete].map((url) => url.slice(new URL(url).origin.length)),
    );
    stack.move();
    return fleet;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.web[Symbol.asyncDispose]();
  }
}

async function join(web: WebStage, name: string, engine: Dockerd, labels: Record<string, string>) {
  const { stage } = web;
  const { agentToken = "" } = await stage.api<CreatedEnvironment>("POST", "/environments", {
    name,
    kind: "edge",
    labels,
  });
  const agent = await startAgent({
    serverUrl: stage.agentUrl,
    token: agentToken,
    dockerSocket: engine.socketPath,
    env: { METRICS_INTERVAL: "5" },
  });
  stage.keep(agent);
  await stage.online(name);
  return agent;
}

/** Seen with what ran there, then gone. */
async function leaveGarage(web: WebStage): Promise<void> {
  await using engine = await startDockerd();
  await engine.importBusybox("shop/backup:1.2");
  await run(engine, "backup", "shop/backup:1.2", "sleep", "1d");
  const agent = await join(web, "garage", engine, { site: "away" });
  const what = "the containers of garage to be known";
  await waitFor(async () => (await web.stage.api<Environment>("GET", "/environments/garage")).snapshotAt ?? undefined, {
    what,
  });
  await agent.stop();
}

function run(engine: Dockerd, name: string, ...args: string[]): Promise<string> {
  return engine.dockerOk(["run", "-d", "--stop-timeout", "1", "--restart", "no", "--name", name, ...args]);
}

/** As Compose labels what it makes. */
const inStack = (service: string): string[] => [
  ...["--label", "com.docker.compose.project=shop"],
  ...["--label", `com.docker.compose.service=${service}`],
];
/** Known after a second; then hardly ever looked at again: a probe costs more than a page. */
const HEALTHY = [
  ...["--health-cmd", "true", "--health-interval", "1h"],
  ...["--health-start-period", "1h", "--health-start-interval", "1s"],
];
const UNHEALTHY = [
  ...["--health-cmd", "echo connection refused; exit 1"],
  ...["--health-interval", "10s", "--health-retries", "1"],
];

async function openAttic(place: WebStage): Promise<void> {
  const { engine } = place.stage;
  await images(engine, ["shop/web:2.4", "shop/db:17", "shop/worker:2.4", "shop/cache:8"]);
  await engine.dockerOk(["network", "create", "shop_front"]);
  await engine.dockerOk(["network", "create", "--internal", "shop_back"]);
  await engine.dockerOk(["volume", "create", "shop_data"]);
  await engine.dockerOk(["volume", "create", "shop_uploads"]);
  const front = ["--network", "shop_front"];
  const back = ["--network", "shop_back"];
  const web = [...front, ...inStack("web"), ...HEALTHY, "-e", "MODE=production", "-v", "shop_uploads:/uploads"];
  await run(engine, "web", ...web, "-p", "127.0.0.1::80", "shop/web:2.4", "sh", "-c", CHATTER);
  await engine.dockerOk(["network", "connect", "shop_back", "web"]);
  const db = [...back, ...inStack("db"), ...HEALTHY, "--memory", "64m", "-v", "shop_data:/var/lib/data"];
  await run(engine, "db", ...db, "shop/db:17", "sh", "-c", DATABASE);
  await run(engine, "worker", ...back, ...inStack("worker"), ...UNHEALTHY, "shop/worker:2.4", "sh", "-c", CHATTER);
  await run(engine, "cache", ...back, "shop/cache:8", "sleep", "1d");
  const failing = ["run", "--name", "migrate", "shop/worker:2.4", "sh", "-c"];
  await engine.docker([...failing, "echo 'error: relation orders exists already' >&2; exit 3"]);
  await join(place, "attic", engine, { site: "home" });
  // Once more, so that it is among the events.
  await engine.docker(["start", "--attach", "migrate"]);
}

async function openCellar(web: WebStage): Promise<void> {
  const engine = web.stage.keep(await startDockerd());
  await images(engine, ["shop/web:2.4", "proxy:3", "reports:1.9"]);
  await engine.dockerOk(["network", "create", "shop_front"]);
  const front = ["--network", "shop_front"];
  await run(engine, "web-2", ...front, ...inStack("web"), ...HEALTHY, "shop/web:2.4", "sh", "-c", CHATTER);
  await run(engine, "proxy", ...front, "proxy:3", "sh", "-c", CHATTER);
  await run(engine, "reports", "reports:1.9", "sleep", "1d");
  await engine.dockerOk(["pause", "reports"]);
  await join(web, "cellar", engine, { site: "home", disk: "ssd" });
}

/** The one test image under the names that a shop's would have. */
async function images(engine: Dockerd, names: readonly string[]): Promise<void> {
  await engine.importBusybox();
  for (const name of names) await engine.dockerOk(["tag", "busybox:latest", name]);
  await engine.dockerOk(["rmi", "busybox:latest"]);
}
