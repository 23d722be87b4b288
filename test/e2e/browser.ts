import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Of Debian's package, which `scripts/install-chromium.sh` installs. */
const CHROMIUM = "/usr/bin/chromium-headless-shell";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A real Chromium without a window. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

export interface BrowserPerson extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained about: errors of scripts, and of the content security policy. */
  readonly complaints: string[];
}

/** Somebody at a fresh browser: no cookies, no passkeys. */
export async function newPerson(browser: Browser): Promise<BrowserPerson> {
  // What moves costs time, and only shows what is shown without it, too.
  const context = await browser.newContext({ reducedMotion: "reduce" });
  // Long, since tests must not depend on speed.
  context.setDefaultTimeout(60_000);
  // Chromium gives up what it has asked for when the machine's networks change, as they do where containers start; only the page's
  // files are not asked for again by themselves.
  // Not that of a worker, which does not start from an answer that was put in the place of its own.
  await context.route(/\/assets\/(?!.*worker)/, async (route) => {
    try {
      await route.fulfill({ response: await route.fetch() });
    } catch {
      // What cannot be fetched fails in the page, too, unless the page or its browser is gone meanwhile: then nobody waits for it.
      await route.abort().catch(() => undefined);
    }
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // Answers that are no success are logged by the browser itself.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      complaints.push(message.text());
  });
  return { context, page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** Gives the browser an authenticator of its own that says yes to everything. */
export async function addAuthenticator({ context, page }: BrowserPerson): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
