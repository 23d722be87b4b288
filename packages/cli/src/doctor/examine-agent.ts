import { checkHealth, hubKeyCheck, loadConfig, proxyFor, type AgentConfig } from "@fairlead/agent";
import { decodeMessage, encodeMessage, newHelloMessage } from "@fairlead/protocol";
import { once } from "node:events";
import type { WebSocket } from "ws";
import { describeEngine, engineProblem } from "../up/engine-probe.ts";
import { Examination, type Finding, LayerProblem, StopHere } from "./finding.ts";
import { openRoute, type RouteOptions, withTimeout } from "./route.ts";
import { openWebSocket } from "./websocket-check.ts";

/** An agent's configuration, as its variables have it: the way to its hub, its token, its engine. */
export async function examineAgent(env: NodeJS.ProcessEnv, tell: (finding: Finding) => void): Promise<void> {
  const settings = new Examination("agent", tell);
  const config = await settings.layer("settings", async () => {
    const config = loadConfig(env);
    const way =
      config.serverUrl === undefined
        ? `listens on ${config.bindAddress}:${config.port}`
        : `dials ${config.serverUrl.href}`;
    return { detail: `${config.mode} mode, ${way}`, value: config };
  });
  await unlessStopped(() => settings.layer("Docker", () => checkEngine(config)));
  if (config.serverUrl === undefined) return;
  await unlessStopped(() => examineWay(config, new URL(config.serverUrl ?? ""), tell));
}

async function checkEngine({ engine }: AgentConfig): Promise<{ detail: string; value: void }> {
  const problem = await engineProblem(engine);
  const where = describeEngine(engine);
  if (problem === undefined) return { detail: `the engine at ${where} answers`, value: undefined };
  throw new LayerProblem(
    `${where}: ${problem}`,
    "start Docker, or set DOCKER_SOCKET or DOCKER_HOST to where it listens",
  );
}

async function examineWay(config: AgentConfig, url: URL, tell: (finding: Finding) => void): Promise<void> {
  const examination = new Examination(url.origin === "null" ? url.host : `${url.protocol}//${url.host}`, tell);
  const proxy = proxyFor(url, config.proxy);
  const checkKey = await hubKeyCheck(config);
  const route: RouteOptions = {
    ...(checkKey === undefined ? {} : { checkKey }),
    skipVerify: config.tlsSkipVerify,
    ...(proxy === undefined ? {} : { proxy }),
    ...(config.caCert === undefined ? {} : { caCert: config.caCert }),
  };
  const connection = await openRoute(examination, url, route);
  const socket = await examination.layer("upgrade", async () => {
    return { detail: "WebSockets get through", value: await openWebSocket(url, connection) };
  });
  try {
    await examination.layer("token", () => checkToken(config, socket));
  } finally {
    socket.close(1000);
  }
}

/** A running agent that is connected proves the token; to introduce ourselves would cut its connection. */
async function checkToken(config: AgentConfig, socket: WebSocket): Promise<{ detail: string; value: void }> {
  const { message } = await checkHealth(config);
  if (isConnected(message)) return { detail: "the running agent is connected with it", value: undefined };
  const { agentId, agentName, hostname } = config;
  const token = config.token ?? config.credential?.token;
  if (token === undefined)
    return { detail: "a join key, which the agent trades for one when it starts", value: undefined };
  const hello = newHelloMessage(agentId, agentName, token, "", hostname, "doctor", []);
  socket.send(encodeMessage(hello));
  const [data] = (await withTimeout(once(socket, "message"), "the hub does not answer the token")) as [Buffer];
  const decoded = decodeMessage(data.toString("utf8"));
  const answer = decoded.ok ? decoded.message : undefined;
  if (answer?.type === "welcome") return { detail: "the hub accepts it", value: undefined };
  const text = answer?.type === "error" ? answer.error : "the hub's answer is not understood";
  const advice =
    config.token === undefined
      ? "make a join key on the hub ('fairlead env join-key NAME') and set FAIRLEAD_JOIN_KEY to it"
      : "make a new one on the hub ('fairlead env rotate-token NAME') and set TOKEN to it";
  throw new LayerProblem(text, advice);
}

function isConnected(health: string): boolean {
  try {
    return (JSON.parse(health) as { connected?: unknown }).connected === true;
  } catch {
    return false;
  }
}

async function unlessStopped(look: () => Promise<unknown>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof StopHere)) throw error;
  }
}
