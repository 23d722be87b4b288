import type { Environment } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { formatAge } from "../../output/format.ts";
import { printable, type Style } from "../../output/style.ts";
import { hubCommand, type HubCommandFlags, openSession } from "../hub-command.ts";
import { paintLight } from "./light.ts";

/** `fairlead env list` */
export function envList(): Command {
  return hubCommand("list", "list the environments and whether link and engine are up", [
    "env list",
    "env list --json | jq -r 'select(.link.state == \"down\").name'",
  ])
    .alias("ls")
    .action(async (flags: HubCommandFlags) => {
      const { client, output } = await openSession(flags);
      const environments = await client.listEnvironments();
      if (!output.json && environments.length === 0) {
        output.note("No environments yet. Add one with 'fairlead env add NAME'.");
        return;
      }
      const { style } = output;
      output.list(environments, [
        { title: "ID", value: ({ id }) => String(id), align: "right" },
        { title: "NAME", value: ({ name }) => style.paint("host", name) },
        { title: "KIND", value: ({ kind }) => kind },
        { title: "LINK", value: ({ link }) => paintLight(style, link) },
        { title: "ENGINE", value: ({ engine }) => paintLight(style, engine) },
        { title: "DOCKER", value: ({ engineInfo }) => printable(engineInfo?.version ?? "-") },
        { title: "CONTAINERS", value: containersOf },
        { title: "SEEN", value: ({ snapshotAt }) => formatAge(snapshotAt) },
        { title: "", value: (environment) => remarkOf(style, environment) },
      ]);
    });
}

function containersOf({ engineInfo }: Environment): string {
  return engineInfo === null ? "-" : `${engineInfo.containers.running}/${engineInfo.containers.total}`;
}

function remarkOf(style: Style, { conflict, link, engine }: Environment): string {
  if (conflict !== null) return style.paint("warn", "token used by a second machine: see 'env show'");
  const error = link.state === "down" ? link.error : engine.state === "down" ? engine.error : null;
  return style.paint("faint", printable(error ?? ""));
}
