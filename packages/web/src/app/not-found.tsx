import { Button, Group } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Link, useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { EmptyState } from "../ui/empty-state.tsx";
import { Page } from "../ui/page.tsx";

/** For addresses that lead nowhere. */
export function NotFoundPage(): ReactNode {
  const { pathname } = useLocation();
  return (
    <Page title="Not found">
      <EmptyState
        icon={IconMapOff}
        title="There is no such page"
        action={
          <Group gap="xs">
            <Button component={Link} to="/">
              To the fleet
            </Button>
            <Button component={Link} to="/containers" variant="default">
              To the containers
            </Button>
          </Group>
        }
      >
        Nothing is at {pathname}. The link may be mistyped, or what it showed is gone. Ctrl K finds every host,
        container and page.
      </EmptyState>
    </Page>
  );
}
