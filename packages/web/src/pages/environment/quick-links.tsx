import { Button, Group } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { DESTINATIONS } from "../../app/navigation.ts";
import { useContainers } from "../../hub/containers.ts";

/** Rooms of the page that can show one host alone. */
const ROOMS = new Set(["/containers", "/logs", "/images", "/volumes", "/networks", "/events"]);

/** As many as the log page follows at once. */
const MAX_SOURCES = 50;

/** What else there is of a host. */
export function QuickLinks({ environment: { id, name } }: { readonly environment: Environment }): ReactNode {
  const { rows } = useContainers();
  const running = rows.filter(({ environmentId, container }) => environmentId === id && container.State === "running");
  const sources = running.slice(0, MAX_SOURCES).map(({ container }) => `${name}/${container.Id}`);
  return (
    <Group component="nav" gap="xs" aria-label={`Of ${name}`}>
      {DESTINATIONS.filter(({ to }) => ROOMS.has(to)).map(({ to, label, icon: IconOf }) => (
        <Button
          key={to}
          component={Link}
          to={to}
          search={to === "/logs" ? { sources: sources.join(",") } : { q: `host:${name}` }}
          variant="default"
          size="xs"
          leftSection={<IconOf size={15} aria-hidden />}
        >
          {label}
        </Button>
      ))}
    </Group>
  );
}
