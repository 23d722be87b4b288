import { FairleadClient } from "@fairlead/api-client";
import type { RunningHub } from "@fairlead/hub";
import { webFolder } from "@fairlead/web";
import type { Command } from "commander";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Output } from "../output/output.ts";
import { hubDataDir } from "../settings/folders.ts";
import { announceLocalHub, DEFAULT_PORT, localTokenPath } from "../settings/local-hub.ts";
import { readIfPresent, writePrivateFile } from "../settings/private-file.ts";
import { AgentProcess } from "../up/agent-process.ts";
import { describeEngine, engineProblem } from "../up/engine-probe.ts";
import { type LocalEnvironment, localEnvironment } from "../up/local-environment.ts";
import { command, wholeNumber } from "./hub-command.ts";
import { interrupted } from "./hub.ts";

interface Flags {
  port?: string;
  host?: string;
  data?: string;
  json?: boolean;
}

const HIGHEST_PORT = 65_535;
const LISTENING = /^fairlead hub listening on /;
/** Where the first person comes in. */
const FIRST_ADMIN = /\bfirst[ -]admin\b/;

/** `fairlead up` */
export function up(): Command {
  return command("up", "a hub, and an agent for this machine's Docker, until Ctrl-C", [
    "up",
    "up --port 9000 --data ./data",
    "up --host 0.0.0.0   # also for agents on other machines",
  ])
    .option("--port <port>", `port of the hub (default: ${DEFAULT_PORT}, or that of FAIRLEAD_LISTEN)`)
    .option("--host <address>", "address to listen on (default: 127.0.0.1, or that of FAIRLEAD_LISTEN)")
    .option("--data <dir>", "data folder (default: FAIRLEAD_HUB_DATA_DIR, or $XDG_DATA_HOME/fairlead)")
    .option("--json", "JSON: one document when it is up")
    .action(async (flags: Flags) => {
      const output = new Output(flags);
      const stop = interrupted();
      const hub = await startLocalHub(flags, output);
      try {
        const agent = await startLocalAgent(hub, output);
        printAddress(output, hub, agent?.environment.environment.name);
        await stop;
        await agent?.process.stop();
      } finally {
        await hub.running.stop();
      }
    });
}

interface LocalHub {
  readonly running: RunningHub;
  /** As commands of this machine dial it. */
  readonly url: string;
  readonly dataDir: string;
  readonly client: FairleadClient;
  /** Undefined where the token is the one of `FAIRLEAD_BOOTSTRAP_TOKEN`. */
  readonly tokenFile: string | undefined;
}

async function startLocalHub(flags: Flags, output: Output): Promise<LocalHub> {
  const { loadHubConfig, startHub } = await import("@fairlead/hub");
  const config = loadHubConfig(withQuietLog(process.env), {
    data: flags.data,
    ...(listenAddress(flags) === undefined ? {} : { listen: listenAddress(flags) }),
  });
  const tokenFile = localTokenPath(config.dataDir);
  const isOurs = config.bootstrapToken === undefined;
  const token = config.bootstrapToken ?? ((await readIfPresent(tokenFile))?.trim() || newToken());
  // It would print its first token: we say where that is kept.
  const print = (line: string): void => {
    if (!output.json && (LISTENING.test(line) || FIRST_ADMIN.test(line))) output.line(line);
  };
  const running = await startHub({ ...config, bootstrapToken: token, print, webFolder });
  try {
    const url = await announceLocalHub(config.dataDir, running.url);
    if (isOurs) await writePrivateFile(tokenFile, `${token}\n`);
    const client = new FairleadClient({ url, token });
    await client.info();
    return { running, url, dataDir: config.dataDir, client, tokenFile: isOurs ? tokenFile : undefined };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

/** As the hub makes them: 256 random bits. */
function newToken(): string {
  return `fl_${randomBytes(32).toString("base64url")}`;
}

/** A hub for this machine is reached from this machine, unless told otherwise. */
function listenAddress(flags: Flags): string | undefined {
  if (flags.port === undefined && flags.host === undefined && process.env["FAIRLEAD_LISTEN"]) return undefined;
  const port = flags.port === undefined ? DEFAULT_PORT : wholeNumber(flags.port, "--port", 0, HIGHEST_PORT);
  const host = flags.host ?? "127.0.0.1";
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** People watch this terminal: only what needs them is logged, unless they ask for more. */
function withQuietLog(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, LOG_LEVEL: env["LOG_LEVEL"] || "warn" };
}

const NOT_FOR_THE_LOCAL_AGENT = [
  "DOCKHAND_SERVER_URL",
  "TOKEN",
  "TOKEN_FILE",
  "FAIRLEAD_JOIN_KEY",
  "FAIRLEAD_JOIN_KEY_FILE",
  "BIND_ADDRESS",
  "AGENT_ID",
];

async function startLocalAgent(
  { url, dataDir, client }: LocalHub,
  output: Output,
): Promise<{ process: AgentProcess; environment: LocalEnvironment } | undefined> {
  const { loadConfig } = await import("@fairlead/agent");
  const serverUrl = `${url.replace(/^http/, "ws")}/api/v1/agents/connect`;
  const env: NodeJS.ProcessEnv = {
    ...withQuietLog(process.env),
    FAIRLEAD_SERVER_URL: serverUrl,
    FAIRLEAD_DATA_DIR: join(dataDir, "agent"),
    // Its health listener must not be in the way of another agent's.
    PORT: "0",
  };
  for (const name of NOT_FOR_THE_LOCAL_AGENT) delete env[name];
  const { engine } = loadConfig({ ...env, TOKEN: "unused" });
  const problem = await engineProblem(engine);
  if (problem !== undefined) {
    output.note(`No Docker Engine answers at ${describeEngine(engine)}: ${problem}.`);
    output.note("Start Docker and 'fairlead up' again, or add another host: fairlead env add NAME");
    return undefined;
  }
  const environment = await localEnvironment(client, dataDir);
  const { name } = environment.environment;
  const agentProcess = new AgentProcess({
    env: { ...env, TOKEN_FILE: environment.tokenFile },
    onLine: (line) => {
      if (line.startsWith("fairlead agent connected to ")) output.note(`${name} is online.`);
    },
    onDeath: (reason, nextMs) => {
      const next =
        nextMs === undefined ? "see above; it is not started again" : `it starts again in ${nextMs / 1000} s`;
      output.note(`The agent of this machine ended (${reason}); ${next}.`);
    },
  });
  return { process: agentProcess, environment };
}

function printAddress(output: Output, { url, dataDir, tokenFile }: LocalHub, environment: string | undefined): void {
  const document = { url, dataDir, tokenFile: tokenFile ?? null, environment: environment ?? null };
  output.document(document, () => {
    const isFound = dataDir === hubDataDir();
    const token = tokenFile ?? "FAIRLEAD_BOOTSTRAP_TOKEN";
    return [
      `Fairlead is up: ${url}`,
      `  API token   ${token}`,
      ...(isFound ? [] : [`  first       export FAIRLEAD_HUB_DATA_DIR=${dataDir}`]),
      `  then        fairlead ps`,
      `              fairlead env list`,
      ...(environment === undefined
        ? ["              fairlead env add NAME"]
        : [`              fairlead connect ${environment}`]),
      "Ctrl-C ends it.",
    ].join("\n");
  });
}
