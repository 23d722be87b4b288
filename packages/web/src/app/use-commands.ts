import { useMantineColorScheme } from "@mantine/core";
import { useMemo } from "react";
import { useContainers } from "../hub/containers.ts";
import { useEnvironments } from "../hub/environments.ts";
import type { Command } from "./commands.ts";
import { DESTINATIONS } from "./navigation.ts";

const PAGES: readonly Command[] = DESTINATIONS.map(({ to, label }) => ({ id: to, label, detail: "page", to }));

const SETTINGS: readonly Command[] = [
  ["environments", "Add an environment"],
  ["tokens", "API tokens"],
  ["people", "People and invitations"],
  ["roles", "Roles"],
  ["audit", "Audit log"],
  ["about", "About this hub"],
].map(([section, label]) => ({
  id: `settings ${section}`,
  label: label ?? "",
  detail: "settings",
  to: `/settings/${section}`,
}));

/** Pages first, then hosts and containers with what can be done to them. */
export function useCommands(): readonly Command[] {
  const { list } = useEnvironments();
  const { rows } = useContainers();
  const { setColorScheme } = useMantineColorScheme();
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
      ...rows.flatMap(({ key, name, environmentName, container }) => {
        const path = `/environments/${environmentName}/containers/${container.Id.slice(0, 12)}`;
        const at = (suffix: string, label: string, detail: string): Command => ({
          id: `${key} ${label}`,
          label,
          detail: `${detail} on ${environmentName}`,
          to: path + suffix,
        });
        return [
          at("", name, "container"),
          at("/logs", `${name}: logs`, "container"),
          ...(container.State === "running" ? [at("/terminal", `${name}: terminal`, "container")] : []),
        ];
      }),
    ],
    [list, rows, setColorScheme],
  );
}
