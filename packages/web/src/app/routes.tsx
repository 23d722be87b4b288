import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import { NotFoundPage } from "./not-found.tsx";
import { PageError } from "./page-error.tsx";
import { Shell } from "./shell.tsx";

/** Everything of an address after the `?`, as texts: deep links hold filters, times and tabs. */
type Search = Record<string, string | undefined>;

const asTexts = (search: Record<string, unknown>): Search =>
  Object.fromEntries(
    Object.entries(search).map(([name, value]) => [
      name,
      typeof value === "string" || value === undefined ? value : JSON.stringify(value),
    ]),
  );

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage, validateSearch: asTexts });

/** Pages around which the navigation stands. */
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const page = <const Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => shell, path, component });
const barePage = <const Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, component });

const routeTree = root.addChildren([
  barePage(
    "/sign-in",
    lazyRouteComponent(() => import("../pages/sign-in/sign-in-page.tsx"), "SignInPage"),
  ),
  barePage(
    "/first-admin",
    lazyRouteComponent(() => import("../pages/sign-in/first-admin-page.tsx"), "FirstAdminPage"),
  ),
  barePage(
    "/invitation",
    lazyRouteComponent(() => import("../pages/sign-in/invitation-page.tsx"), "InvitationPage"),
  ),
  barePage(
    "/device",
    lazyRouteComponent(() => import("../pages/sign-in/device-page.tsx"), "DevicePage"),
  ),
  shell.addChildren([
    page(
      "/",
      lazyRouteComponent(() => import("../pages/fleet/fleet-page.tsx"), "FleetPage"),
    ),
    page(
      "/environments/$env",
      lazyRouteComponent(() => import("../pages/environment/environment-page.tsx"), "EnvironmentPage"),
    ),
    page(
      "/containers",
      lazyRouteComponent(() => import("../pages/containers/containers-page.tsx"), "ContainersPage"),
    ),
    page(
      "/environments/$env/containers/$container",
      lazyRouteComponent(() => import("../pages/container/container-page.tsx"), "ContainerPage"),
    ),
    page(
      "/environments/$env/containers/$container/$tab",
      lazyRouteComponent(() => import("../pages/container/container-page.tsx"), "ContainerPage"),
    ),
    page(
      "/logs",
      lazyRouteComponent(() => import("../pages/logs/logs-page.tsx"), "LogsPage"),
    ),
    page(
      "/terminal",
      lazyRouteComponent(() => import("../pages/terminal/terminal-page.tsx"), "TerminalPage"),
    ),
    page(
      "/images",
      lazyRouteComponent(() => import("../pages/images/images-page.tsx"), "ImagesPage"),
    ),
    page(
      "/environments/$env/images/$image",
      lazyRouteComponent(() => import("../pages/images/image-page.tsx"), "ImagePage"),
    ),
    page(
      "/volumes",
      lazyRouteComponent(() => import("../pages/volumes/volumes-page.tsx"), "VolumesPage"),
    ),
    page(
      "/environments/$env/volumes/$volume",
      lazyRouteComponent(() => import("../pages/volumes/volume-page.tsx"), "VolumePage"),
    ),
    page(
      "/networks",
      lazyRouteComponent(() => import("../pages/networks/networks-page.tsx"), "NetworksPage"),
    ),
    page(
      "/environments/$env/networks/$network",
      lazyRouteComponent(() => import("../pages/networks/network-page.tsx"), "NetworkPage"),
    ),
    page(
      "/events",
      lazyRouteComponent(() => import("../pages/events/events-page.tsx"), "EventsPage"),
    ),
    page(
      "/charts",
      lazyRouteComponent(() => import("../pages/metrics/metrics-page.tsx"), "MetricsPage"),
    ),
    page(
      "/account",
      lazyRouteComponent(() => import("../pages/account/account-page.tsx"), "AccountPage"),
    ),
    page(
      "/settings",
      lazyRouteComponent(() => import("../pages/settings/settings-page.tsx"), "SettingsPage"),
    ),
    page(
      "/settings/$section",
      lazyRouteComponent(() => import("../pages/settings/settings-page.tsx"), "SettingsPage"),
    ),
    // What leads nowhere still stands among the navigation.
    createRoute({ getParentRoute: () => shell, path: "$", component: NotFoundPage }),
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultErrorComponent: PageError,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
