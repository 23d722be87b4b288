import type { EnvironmentKind } from "@fairlead/protocol/rest";
import { type Command, Option } from "commander";
import { normalizeHubUrl } from "../../settings/hub-settings.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";
import { agentSetup, describeAgentSetup } from "./agent-setup.ts";
import { addDialOptions, type DialFlags, readDialFlags } from "./dial-options.ts";

interface Flags extends HubCommandFlags, DialFlags {
  kind: EnvironmentKind;
  agentHubUrl?: string;
}

/** `fairlead env add NAME` */
export function envAdd(): Command {
  const add = hubCommand("add", "add an environment; an edge one's agent token is printed this once", [
    "env add web-1",
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
    .option(
      "--agent-hub-url <url>",
      "edge: the hub's URL as the host sees it, for the lines to paste (default: --hub)",
    );
  return addDialOptions(add).action(async (name: string, flags: Flags) => {
    const { client, url, output } = await openSession(flags);
    const hubUrl = normalizeHubUrl(flags.agentHubUrl ?? url, "--agent-hub-url");
    const created = await client.createEnvironment({ name, kind: flags.kind, ...(await readDialFlags(flags)) });
    const { environment, agentToken } = created;
    const setup = agentToken === undefined ? undefined : agentSetup(hubUrl, agentToken);
    output.document({ ...created, ...(setup === undefined ? {} : { setup }) }, () => {
      const head = `Added ${environment.name} (id ${environment.id}, ${environment.kind}).`;
      if (!setup) return head;
      return [
        head,
        `Agent token, shown this once: ${setup.token}`,
        "",
        "Start its agent in one of these ways on the host:",
        "",
        describeAgentSetup(setup),
      ].join("\n");
    });
  });
}
