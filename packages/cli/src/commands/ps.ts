import type { ContainerSummary, EnvironmentContainers } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { EXIT_FAILED, ExitCode } from "../errors.ts";
import { containerMatcher, containerName } from "../logs/container-selection.ts";
import { formatAge } from "../output/format.ts";
import { printable } from "../output/style.ts";
import { hubCommand, type HubCommandFlags, openSession } from "./hub-command.ts";

interface Flags extends HubCommandFlags {
  all?: boolean;
  container?: string[];
}

interface Row {
  readonly host: EnvironmentContainers;
  readonly container: ContainerSummary;
}

const SHORT_ID = 12;
const MAX_IMAGE = 40;

/** `fairlead ps [ENV…]` */
export function ps(): Command {
  return hubCommand("ps", "containers across environments", [
    "ps",
    "ps web-1 web-2 --all",
    "ps --json | jq -r 'select(.live) | .environment + \"/\" + .name'",
  ])
    .argument("[env...]", "names or ids (default: all)")
    .option("-a, --all", "also containers that do not run")
    .option("-c, --container <pattern...>", "names with * and ?, or beginnings of ids")
    .action(async (environments: string[], flags: Flags) => {
      const { client, output } = await openSession(flags);
      const hosts = await client.listContainers({ environments });
      const matches = containerMatcher(flags.container ?? []);
      const rows = hosts.flatMap((host) =>
        host.containers
          .filter((container) => flags.all || container.State === "running")
          .filter((container) => matches(container.Id, containerName(container)))
          .map((container): Row => ({ host, container })),
      );
      if (output.json) for (const row of rows) output.jsonLine(jsonRow(row));
      else {
        const { style } = output;
        output.list(rows, [
          { title: "ENVIRONMENT", value: ({ host }) => style.paint("host", host.environment.name) },
          { title: "CONTAINER ID", value: ({ container }) => container.Id.slice(0, SHORT_ID) },
          { title: "NAME", value: ({ container }) => printable(containerName(container)) },
          { title: "IMAGE", value: ({ container }) => printable(container.Image.slice(0, MAX_IMAGE)) },
          { title: "STATUS", value: (row) => style.paint(toneOf(row), printable(row.container.Status)) },
          { title: "PORTS", value: ({ container }) => printable(portsOf(container)) },
        ]);
      }
      const away = hosts.filter(({ live }) => !live);
      for (const { environment, at, error } of away) {
        const known = at === null ? "never reached" : `as of ${formatAge(at)}`;
        output.note(`${environment.name}: ${printable(error ?? "offline")} (${known})`);
      }
      // Who names a host wants to know that it does not answer.
      if (environments.length > 0 && away.length > 0) throw new ExitCode(EXIT_FAILED);
    });
}

function toneOf({ host, container }: Row): "good" | "warn" | "faint" {
  if (!host.live) return "faint";
  return container.State === "running" ? "good" : "warn";
}

/** `0.0.0.0:80->8080/tcp, 53/udp`, as docker writes them. */
function portsOf({ Ports }: ContainerSummary): string {
  const texts = Ports.map((port) => {
    const { IP, PublicPort, PrivatePort, Type } = port as Record<string, string | number | undefined>;
    const inside = `${PrivatePort ?? "?"}/${Type ?? "tcp"}`;
    return PublicPort === undefined
      ? inside
      : `${IP === undefined || IP === "" ? "" : `${IP}:`}${PublicPort}->${inside}`;
  });
  return [...new Set(texts)].sort().join(", ");
}

function jsonRow({ host, container }: Row): Record<string, unknown> {
  return {
    environment: host.environment.name,
    environmentId: host.environment.id,
    live: host.live,
    at: host.at,
    id: container.Id,
    name: containerName(container),
    image: container.Image,
    command: container.Command,
    created: new Date(container.Created * 1000).toISOString(),
    state: container.State,
    status: container.Status,
    ports: container.Ports,
    labels: container.Labels,
  };
}
