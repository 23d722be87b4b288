import type { FairleadClient } from "@fairlead/api-client";
import { isFairleadError } from "@fairlead/protocol";
import type { Environment } from "@fairlead/protocol/rest";
import { formatAge } from "../output/format.ts";
import type { HubSettings } from "../settings/hub-settings.ts";
import { Examination, type Finding, LayerProblem, StopHere } from "./finding.ts";
import { openRoute } from "./route.ts";
import { openWebSocket } from "./websocket-check.ts";

/** Where agents dial. */
const CONNECT_PATH = "/api/v1/agents/connect";

/** The way from here to the hub. @throws StopHere when a layer fails. */
export async function examineHub(
  client: FairleadClient,
  settings: HubSettings,
  tell: (finding: Finding) => void,
): Promise<void> {
  const examination = new Examination(settings.url, tell);
  await examination.layer("settings", async () => ({
    detail: `URL from ${settings.urlFrom}, token from ${settings.tokenFrom}`,
    value: undefined,
  }));
  const url = new URL(settings.url);
  (await openRoute(examination, url, {})).destroy();
  await examination.layer("hub", () => checkHealthz(settings.url));
  await examination.layer("token", async () => {
    try {
      const { version, uptimeSeconds } = await client.info();
      return { detail: `accepted by Fairlead ${version}, up for ${uptimeSeconds} s`, value: undefined };
    } catch (error) {
      if (!isFairleadError(error, "unauthenticated")) throw error;
      throw new LayerProblem(error.message, `use 'fairlead login ${settings.url}' with a token that is valid`);
    }
  });
  const silent = new Examination(settings.url, () => {});
  await examination.layer("upgrade", async () => {
    const connection = await openRoute(silent, url, {});
    const path = new URL(`${settings.url.replace(/^http/, "ws")}${CONNECT_PATH}`);
    (await openWebSocket(path, connection)).terminate();
    return { detail: "WebSockets get through", value: undefined };
  });
}

async function checkHealthz(url: string): Promise<{ detail: string; value: void }> {
  const response = await fetch(`${url}/healthz`);
  const body = (await response.json().catch(() => undefined)) as { status?: unknown } | undefined;
  if (body?.status === "healthy") return { detail: "it is a hub, and healthy", value: undefined };
  throw new LayerProblem(
    `HTTP ${response.status} from ${url}/healthz, not a hub's answer`,
    "check the URL's host, port and path",
  );
}

/** One environment: its link, and its engine through the hub. */
export async function examineEnvironment(
  client: FairleadClient,
  environment: Environment,
  tell: (finding: Finding) => void,
): Promise<void> {
  const examination = new Examination(environment.name, tell);
  const { id, link, kind, agent, conflict } = environment;
  try {
    await examination.layer("link", async () => {
      if (conflict) {
        const { refused, connected } = conflict;
        throw new LayerProblem(
          `two machines use its token: ${connected.hostname} is connected, ${refused.hostname} is refused`,
          `give ${refused.hostname} an environment of its own ('fairlead env add'), then 'fairlead env update ${environment.name} --dismiss-conflict'`,
        );
      }
      if (link.state === "up") return { detail: `${kind}, up since ${formatAge(link.since)}`, value: undefined };
      const reason = link.error ?? (agent === null ? "no agent has ever connected" : "not connected");
      throw new LayerProblem(reason, linkAdvice(kind));
    });
    await examination.layer("Docker", async () => {
      await client.docker(id, "/_ping").then((response) => response.text());
      const { Version } = (await client.docker(id, "/version").then((response) => response.json())) as {
        Version?: string;
      };
      return { detail: `Docker ${Version ?? "(unknown version)"} answers`, value: undefined };
    });
  } catch (error) {
    if (!(error instanceof StopHere)) throw error;
  }
}

function linkAdvice(kind: Environment["kind"]): string {
  if (kind === "edge") return "start its agent, and run 'fairlead doctor --agent' there with the agent's variables";
  if (kind === "standard") return "is the agent started there, and do address and token match? See 'fairlead env show'";
  return "is the Docker Engine started there, and is the address right? See 'fairlead env show'";
}
