import {
  ActionIcon,
  AppShell,
  Badge,
  Burger,
  Button,
  Group,
  Kbd,
  Menu,
  Text,
  Tooltip,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLogout, IconMoon, IconSearch, IconSun, IconUser } from "@tabler/icons-react";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { startLive } from "../hub/live.ts";
import { pageCall } from "../hub/page-call.ts";
import { useMe } from "../hub/session.ts";
import { useStore } from "../hub/store.ts";
import { openTerminals } from "../pages/terminal/open-terminals.ts";
import { ConfirmDialog } from "../ui/confirm.tsx";
import { openPalette, PalettePlace } from "./palette.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { DESTINATIONS } from "./navigation.ts";

/** The frame of every page for who is signed in: navigation, search, the state of the connection. */
export function Shell(): ReactNode {
  const [opened, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(startLive, []);
  useEffect(close, [path, close]);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 196, breakpoint: "sm", collapsed: { mobile: !opened } }}
      styles={{ main: { height: "100dvh", display: "flex", flexDirection: "column" } }}
    >
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <AppShell.Header className="fl-shell-bar">
        <Group h="100%" px="sm" gap="sm" wrap="nowrap">
          <Burger
            opened={opened}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label="Navigation"
            aria-expanded={opened}
          />
          <Link to="/" className="fl-brand">
            <img src="/icon.svg" alt="Fairlead" width={26} height={26} />
            <Text fw={650} fz="md" visibleFrom="xs" aria-hidden>
              Fairlead
            </Text>
          </Link>
          <Group gap="xs" ml="auto" wrap="nowrap">
            <Button
              variant="default"
              size="xs"
              leftSection={<IconSearch size={15} aria-hidden />}
              onClick={openPalette}
            >
              <Text span fz="xs" className="fl-narrow-unseen" mr="xs">
                Search
              </Text>{" "}
              <Kbd size="xs">Ctrl K</Kbd>
            </Button>
            <SchemeToggle />
            <PersonMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="fl-shell-bar" p="xs" aria-label="Pages">
        {DESTINATIONS.map(({ to, label, icon: IconOf }) => (
          <Link key={to} to={to} className="fl-nav-link" activeOptions={{ exact: to === "/", includeSearch: false }}>
            <IconOf size={18} stroke={1.7} aria-hidden />
            {label}
            {to === "/terminal" && <OpenTerminals />}
          </Link>
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <ConnectionBanner />
        <div style={{ flex: 1, minHeight: 0, overflow: "auto" }}>
          <Outlet />
        </div>
      </AppShell.Main>
      <PalettePlace />
      <ConfirmDialog />
    </AppShell>
  );
}

/** How many terminals run on while one looks at other pages. */
function OpenTerminals(): ReactNode {
  const open = useStore(openTerminals);
  return (
    open > 0 && (
      <Badge size="sm" variant="light" color="gray" ml="auto" aria-label={`${open} open`}>
        {open}
      </Badge>
    )
  );
}

function SchemeToggle(): ReactNode {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isDark =
    colorScheme === "dark" || (colorScheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const label = isDark ? "Light colours" : "Dark colours";
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        onClick={() => setColorScheme(isDark ? "light" : "dark")}
      >
        {isDark ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

function PersonMenu(): ReactNode {
  const me = useMe();
  const leave = async (): Promise<void> => {
    await pageCall("POST", "/api/auth/sign-out", {}).catch(() => {});
    location.assign("/sign-in");
  };
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label="Your account">
          <IconUser size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label style={{ overflowWrap: "anywhere" }}>{me?.name ?? "…"}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={16} aria-hidden />}>
          Account
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
