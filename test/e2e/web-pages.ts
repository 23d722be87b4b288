import type { BrowserContextOptions, Page } from "playwright-core";
import type { WebFleet } from "./web-fleet.ts";

/** A page of the web page, or one with a dialog open. */
export interface WebPage {
  /** Also of its picture's file. */
  readonly name: string;
  readonly path: (fleet: WebFleet) => string;
  /** By who is not signed in. */
  readonly signedOut?: boolean;
  /** What must show before it is looked at, beside its heading. */
  readonly shows?: string;
  /** Opens what is to be looked at. */
  readonly open?: (page: Page) => Promise<void>;
  /** It shows a secret, or leaves something behind: not for pictures, which are taken again and again. */
  readonly once?: boolean;
}

const at = (path: string) => (): string => path;
const NOWHERE = "/no-such-page";
/** Not that of the head. */
const TABLE_ROW = "[role=row][data-index]";
/** The one that is open. */
export const DIALOG = "[role=dialog]:visible";

const press = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole("button", { name }).first().click();
  await page.waitForSelector(DIALOG);
};
const fromMenuOf = (menu: string | RegExp, item: string) => async (page: Page) => {
  await page.getByRole("button", { name: menu }).click();
  await page.getByRole("menuitem", { name: item }).click();
  await page.waitForSelector(DIALOG);
};
const fromMenu = (item: string) => fromMenuOf(/^More actions/, item);
const within = (page: Page) => page.locator(DIALOG);

/** Tabs of a container, with what is waited for: what comes after the page. */
const CONTAINER_TABS: Readonly<Record<string, string | null>> = {
  overview: null,
  logs: "text=GET /products",
  terminal: null,
  stats: ".fl-card.tabular >> text=%",
  files: null,
  processes: null,
  changes: null,
  inspect: null,
};

/** Every page of the routes, with its tabs. */
export const WEB_PAGES: readonly WebPage[] = [
  { name: "sign-in", path: at("/sign-in"), signedOut: true },
  { name: "first-admin", path: at("/first-admin#not-a-secret"), signedOut: true },
  { name: "invitation", path: ({ invitation }) => invitation, signedOut: true, shows: "input[type=password]" },
  { name: "device-code", path: at("/device") },
  { name: "device", path: ({ device }) => device, shows: "text=laptop" },
  { name: "fleet", path: at("/"), shows: "text=cellar" },
  { name: "fleet-cards", path: at("/?as=cards"), shows: ".fl-cards" },
  { name: "environment", path: at("/environments/attic") },
  { name: "environment-manage", path: at("/environments/attic?tab=manage") },
  { name: "environment-away", path: at("/environments/garage") },
  {
    name: "containers",
    path: at("/containers"),
    shows: TABLE_ROW,
    // With the first figures, where there is room for them.
    open: async (page) => {
      if ((page.viewportSize()?.width ?? 0) > 800) await page.waitForSelector(`${TABLE_ROW} >> text=%`);
    },
  },
  ...Object.entries(CONTAINER_TABS).map(([tab, shows]) => ({
    name: `container-${tab}`,
    path: ({ container }: WebFleet) => `/environments/attic/containers/${container}/${tab}`,
    ...(shows !== null && { shows }),
  })),
  { name: "logs", path: at("/logs?sources=attic/web,attic/db,cellar/web-2"), shows: "text=GET /products" },
  { name: "logs-empty", path: at("/logs") },
  { name: "terminal", path: at("/terminal?env=attic&container=web"), shows: ".xterm-rows >> text=#" },
  { name: "terminal-empty", path: at("/terminal") },
  { name: "images", path: at("/images"), shows: TABLE_ROW },
  { name: "image", path: ({ image }) => `/environments/attic/images/${image}` },
  { name: "image-layers", path: ({ image }) => `/environments/attic/images/${image}?tab=layers` },
  { name: "volumes", path: at("/volumes"), shows: TABLE_ROW },
  { name: "volume", path: at("/environments/attic/volumes/shop_data") },
  { name: "networks", path: at("/networks"), shows: TABLE_ROW },
  { name: "networks-picture", path: at("/networks?view=picture"), shows: "text=Full line" },
  { name: "network", path: ({ network }) => `/environments/attic/networks/${network}` },
  { name: "events", path: at("/events"), shows: "text=exit code 3" },
  { name: "metrics", path: at("/charts"), shows: ".uplot" },
  { name: "account", path: at("/account") },
  ...["environments", "tokens", "people", "roles", "audit", "about"].map((section) => ({
    name: `settings-${section}`,
    path: at(`/settings/${section}`),
  })),
  { name: "not-found", path: at(NOWHERE) },
];

const CONTAINER = at("/environments/attic/containers/web");
const MANAGE = at("/environments/attic?tab=manage");
const IMAGE = ({ image }: WebFleet): string => `/environments/attic/images/${image}`;

/** Every dialog, on its page. */
export const WEB_DIALOGS: readonly WebPage[] = [
  { name: "dialog-add-environment", path: at("/?add=edge"), shows: DIALOG },
  {
    name: "dialog-added-environment",
    path: at("/?add=edge"),
    shows: DIALOG,
    once: true,
    open: async (page) => {
      await within(page).getByRole("textbox", { name: "Name" }).fill("barn");
      await within(page).getByRole("button", { name: "Add the environment" }).click();
      await within(page).getByText("barn is added").waitFor();
    },
  },
  { name: "dialog-new-view", path: at("/"), open: fromMenuOf("All hosts", "Save as a new view") },
  {
    name: "dialog-command-palette",
    path: at("/"),
    open: async (page) => {
      await page.keyboard.press("Control+k");
      await page.waitForSelector(DIALOG);
    },
  },
  { name: "dialog-join-key", path: MANAGE, open: press("New join key") },
  { name: "dialog-rotate-token", path: MANAGE, open: press("Rotate the token") },
  { name: "dialog-confirm", path: CONTAINER, open: fromMenu("Remove") },
  { name: "dialog-rename", path: CONTAINER, open: fromMenu("Rename") },
  { name: "dialog-limits", path: CONTAINER, open: fromMenu("Limits and restarts") },
  { name: "dialog-recreate", path: CONTAINER, open: fromMenu("Recreate with changes") },
  {
    name: "dialog-recreate-json",
    path: CONTAINER,
    open: async (page) => {
      await fromMenu("Recreate with changes")(page);
      await within(page).getByText("All of it, as JSON").click();
      await within(page).locator(".cm-content").waitFor();
    },
  },
  {
    name: "dialog-recreate-preview",
    path: CONTAINER,
    open: async (page) => {
      await fromMenu("Recreate with changes")(page);
      await within(page).getByRole("textbox", { name: "Environment variables" }).fill("MODE=testing");
      await within(page).getByRole("button", { name: "See what changes" }).click();
      await within(page).getByText("MODE=testing").first().waitFor();
    },
  },
  {
    name: "dialog-bulk",
    path: at("/containers?q=proxy"),
    open: async (page) => {
      await page.getByRole("checkbox", { name: "Tick all rows" }).click();
      await press("Restart 1")(page);
    },
  },
  { name: "dialog-log-sources", path: at("/logs"), open: press("Choose containers") },
  { name: "dialog-new-terminal", path: at("/terminal"), open: press("New terminal") },
  { name: "dialog-pull", path: at("/images"), open: press("Pull") },
  { name: "dialog-load", path: at("/images"), open: press("Load") },
  { name: "dialog-prune", path: at("/images"), open: press("Prune") },
  { name: "dialog-tag", path: IMAGE, open: press("Tag") },
  { name: "dialog-save", path: IMAGE, open: press("Save") },
  { name: "dialog-remove", path: IMAGE, open: press("Remove") },
  { name: "dialog-new-network", path: at("/networks"), open: press("Create") },
  {
    name: "dialog-connect",
    path: ({ network }) => `/environments/attic/networks/${network}`,
    open: press("Connect"),
  },
  { name: "dialog-new-volume", path: at("/volumes"), open: press("Create") },
  { name: "dialog-new-token", path: at("/settings/tokens"), open: press("New token") },
  {
    name: "dialog-secret",
    path: at("/settings/tokens"),
    once: true,
    open: async (page) => {
      await press("New token")(page);
      await within(page).getByRole("textbox", { name: "Name" }).fill("backup");
      await within(page).getByRole("button", { name: "Make the token" }).click();
      await within(page).getByText(/fl_/).waitFor();
    },
  },
  { name: "dialog-invite", path: at("/settings/people"), open: press("Invite a person") },
  {
    name: "dialog-person-roles",
    path: at("/settings/people"),
    open: fromMenuOf("What can be done to Vera", "Change roles"),
  },
  { name: "dialog-role", path: at("/settings/roles"), open: press("New role") },
  {
    name: "dialog-audit-entry",
    path: at("/settings/audit"),
    shows: TABLE_ROW,
    open: async (page) => {
      await page.locator(TABLE_ROW).first().click();
      await page.waitForSelector(DIALOG);
    },
  },
  { name: "dialog-audit-chain", path: at("/settings/audit"), open: press("Verify") },
];

/** A tab in a browser of its own that looks at pages in this size and scheme: that of the admin, or of nobody. */
export async function openLooker(fleet: WebFleet, isSignedIn: boolean, options: BrowserContextOptions): Promise<Page> {
  const { browser, admin } = fleet.web;
  const context = await browser.newContext({
    ...options,
    reducedMotion: "reduce",
    ...(isSignedIn && { storageState: await admin.context.storageState() }),
  });
  context.setDefaultTimeout(60_000);
  return context.newPage();
}

/** Goes there as a link does, or loads it when the tab has nothing of the hub yet, and waits until everything of it is there. */
export async function visit(tab: Page, fleet: WebFleet, { path, shows, open, signedOut }: WebPage): Promise<void> {
  const address = path(fleet);
  if (signedOut || !tab.url().startsWith(fleet.web.url)) await tab.goto(fleet.web.url + address);
  else await follow(tab, address);
  await settled(tab);
  if (shows !== undefined) await tab.waitForSelector(shows);
  if (open) await open(tab);
  await settled(tab);
}

const NOWHERE_HEADING = "h1:text-is('Not found')";

/** By way of a page with nothing on it: nothing of the page before may be taken for this one, nor a dialog stay open. */
async function follow(tab: Page, address: string): Promise<void> {
  const go = (to: string): Promise<void> => tab.evaluate(`history.pushState(null, "", ${JSON.stringify(to)})`);
  await tab.keyboard.press("Escape");
  await go(NOWHERE);
  await tab.waitForSelector(NOWHERE_HEADING);
  if (address === NOWHERE) return;
  await go(address);
  await tab.waitForSelector(NOWHERE_HEADING, { state: "detached" });
}

const PLACEHOLDERS = ".mantine-Skeleton-root, [aria-label=Loading], [aria-busy=true]";
/** Runs in the page. What turns for ever is left out. */
const AT_REST = `Promise.allSettled([
  document.fonts.ready,
  ...document.getAnimations().filter(({ effect }) => effect.getTiming().iterations !== Infinity).map(({ finished }) => finished),
]).then(() => undefined)`;

/** Headed, nothing in place of what is still read, nothing on the move. */
async function settled(page: Page): Promise<void> {
  await page.waitForSelector("h1");
  await page.waitForSelector(PLACEHOLDERS, { state: "detached" });
  await page.evaluate(AT_REST);
}
