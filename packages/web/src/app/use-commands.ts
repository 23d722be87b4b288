import { useMantineColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { CONTAINER_ACTIONS, type ContainerAction } from "../docker/container-actions.ts";
import { actionAllowance } from "../hub/access.ts";
import { type ContainerRow, useContainers } from "../hub/containers.ts";
import { useEnvironments } from "../hub/environments.ts";
import { useMe } from "../hub/session.ts";
import { notifyDone, notifyFailed } from "../ui/notify.tsx";
import type { Command } from "./commands.ts";
import { DESTINATIONS } from "./navigation.ts";

const PAGES: readonly Command[] = DESTINATIONS.map(({ to, label }) => ({ id: to, label, detail: "page", to }));

const SETTINGS: readonly Command[] = [
  ["/?add=edge", "Add an environment"],
  ["/settings/tokens", "API tokens"],
  ["/settings/people", "People and invitations"],
  ["/settings/roles", "Roles"],
  ["/settings/audit", "Audit log"],
  ["/settings/about", "About this hub"],
].map(([to = "", label = ""]) => ({ id: to, label, detail: "settings", to }));

/** What is done without being asked about first: the rest has its place beside what it is done to. */
const QUICK_ACTIONS = CONTAINER_ACTIONS.filter(({ destructive }) => !destructive);

/** Pages first, then hosts and containers with what can be done to them. */
export function useCommands(): readonly Command[] {
  const { list, byId } = useEnvironments();
  const { rows } = useContainers();
  const { setColorScheme } = useMantineColorScheme();
  const me = useMe();
  return useMemo(
    () => [
      ...PAGES,
      ...SETTINGS,
      ...(["light", "dark", "auto"] as const).map((scheme) => ({
        id: `scheme ${scheme}`,
        label: { light: "Light colours", dark: "Dark colours", auto: "Colours of the system" }[scheme],
        detail: "action",
        run: () => setColorScheme(scheme),
      })),
      ...list.map(({ id, name }) => ({ id: `host ${id}`, label: name, detail: "host", to: `/environments/${name}` })),
      ...rows.flatMap((row) => {
        const environment = byId.get(row.environmentId);
        const mayRun = (action: ContainerAction): boolean =>
          action.from.includes(row.container.State) && actionAllowance(me, action.permission, environment).allowed;
        return [...placesOf(row), ...QUICK_ACTIONS.filter(mayRun).map((action) => commandOf(row, action))];
      }),
    ],
    [list, byId, rows, me, setColorScheme],
  );
}

function placesOf({ key, name, environmentName, container }: ContainerRow): Command[] {
  const path = `/environments/${environmentName}/containers/${container.Id.slice(0, 12)}`;
  const at = (suffix: string, label: string): Command => ({
    id: `${key} ${label}`,
    label,
    detail: `container on ${environmentName}`,
    to: path + suffix,
  });
  return [
    at("", name),
    at("/logs", `${name}: logs`),
    ...(container.State === "running" ? [at("/terminal", `${name}: terminal`)] : []),
  ];
}

function commandOf(
  { key, name, environmentId, environmentName, container }: ContainerRow,
  action: ContainerAction,
): Command {
  return {
    id: `${key} ${action.name}`,
    label: `${name}: ${action.label.toLowerCase()}`,
    detail: `action on ${environmentName}`,
    run: () =>
      void action.run(environmentId, container.Id).then(
        () => notifyDone(`${name} on ${environmentName} was ${action.done}.`),
        (error: unknown) => notifyFailed(`${action.doing} ${name} on ${environmentName}`, error),
      ),
  };
}
