import { agentSetup, describeAgentSetup, joinSetup } from "@fairlead/api-client";
import type { CreatedEnvironment, EnvironmentKind } from "@fairlead/protocol/rest";
import { type Command, Option } from "commander";
import { UsageError } from "../../errors.ts";
import { normalizeHubUrl } from "../../settings/hub-settings.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";
import { addDialOptions, type DialFlags, readDialFlags } from "./dial-options.ts";
import { readTtl, TTL_OPTION } from "./join-key.ts";

interface Flags extends HubCommandFlags, Omit<DialFlags, "token"> {
  kind: EnvironmentKind;
  agentHubUrl?: string;
  /** True: an edge environment's token, printed. A text: a standard one's. */
  token?: string | true;
  ttl: string;
}

/** `fairlead env add NAME` */
export function envAdd(): Command {
  const add = hubCommand("add", "add an environment; an edge one's join key is printed this once", [
    "env add web-1",
    "env add web-1 --token   # for an agent of protocol 1.0",
    "env add nas --kind standard --address https://nas:2376 --token-file nas.token",
    "env add build --kind direct --address tcp://10.0.0.5:2376 --ca-cert ca.pem --client-cert cert.pem --client-key key.pem",
    "env add here --kind socket --address /var/run/docker.sock",
  ])
    .argument("<name>", "letters, digits, '.', '_' and '-'")
    .addOption(
      new Option("--kind <kind>", "edge: its agent dials the hub; standard, direct, socket: the hub dials")
        .choices(["edge", "standard", "direct", "socket"])
        .default("edge"),
    )
    .option("--agent-hub-url <url>", "edge: the hub's URL as the host sees it, for the lines to paste (default: --hub)")
    .addOption(TTL_OPTION());
  const token = new Option(
    "--token [secret]",
    "edge: print a token instead of a join key. standard: token of the listening agent (better --token-file)",
  );
  return addDialOptions(add, token).action(async (name: string, flags: Flags) => {
    const { token: given, kind } = flags;
    const isEdge = kind === "edge";
    if (isEdge && typeof given === "string") {
      throw new UsageError("--token takes no value for an edge environment: the hub makes its token");
    }
    if (!isEdge && given === true) throw new UsageError(`--token needs a value for an environment of kind ${kind}`);
    const { token: _, ...rest } = flags;
    const dial = await readDialFlags(typeof given === "string" ? { ...rest, token: given } : rest);
    const wantsKey = isEdge && given === undefined;
    const { client, url, output } = await openSession(flags);
    const hubUrl = normalizeHubUrl(flags.agentHubUrl ?? url, "--agent-hub-url");
    const key = wantsKey ? { joinKeyTtlSeconds: readTtl(flags.ttl) } : {};
    const created = await client.createEnvironment({ name, kind, ...dial, ...key });
    const setups = {
      ...(created.agentToken === undefined ? {} : { setup: agentSetup(hubUrl, created.agentToken) }),
      ...(created.joinKey === undefined ? {} : { joinSetup: joinSetup(hubUrl, created.joinKey) }),
    };
    output.document({ ...created, ...setups }, () => describe(created, setups));
  });
}

interface Setups {
  readonly setup?: ReturnType<typeof agentSetup>;
  readonly joinSetup?: ReturnType<typeof joinSetup>;
}

function describe({ environment, joinKeyExpiresAt }: CreatedEnvironment, { setup, joinSetup }: Setups): string {
  const head = `Added ${environment.name} (id ${environment.id}, ${environment.kind}).`;
  if (joinSetup) {
    return [
      head,
      `Join key for one agent, until ${joinKeyExpiresAt}, shown this once: ${joinSetup.joinKey}`,
      "",
      "Start its agent in one of these ways on the host. It trades the key for a token of its own, which it keeps:",
      "",
      describeAgentSetup(joinSetup),
      "",
      `# a deployed agent (Hawser) takes a token: fairlead env rotate-token ${environment.name}`,
    ].join("\n");
  }
  if (!setup) return head;
  return [
    head,
    `Agent token, shown this once: ${setup.token}`,
    "",
    "Start its agent in one of these ways on the host:",
    "",
    describeAgentSetup(setup),
  ].join("\n");
}
