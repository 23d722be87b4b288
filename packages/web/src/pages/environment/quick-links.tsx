import { Button, Group } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { DESTINATIONS } from "../../app/navigation.ts";

/** Rooms of the page that can show one host alone. */
const ROOMS = new Set(["/containers", "/logs", "/images", "/volumes", "/networks", "/events"]);

/** What else there is of a host. */
export function QuickLinks({ environment: { name } }: { readonly environment: Environment }): ReactNode {
  return (
    <Group component="nav" gap="xs" aria-label={`Of ${name}`}>
      {DESTINATIONS.filter(({ to }) => ROOMS.has(to)).map(({ to, label, icon: IconOf }) => (
        <Button
          key={to}
          component={Link}
          to={to}
          search={{ q: `host:${name}` }}
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
