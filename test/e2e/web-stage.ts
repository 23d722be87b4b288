import type { RoleBinding } from "@fairlead/protocol/rest";
import type { Browser } from "playwright-core";
import { type BrowserPerson, newPerson, startBrowser } from "./browser.ts";
import { Stage, type StageOptions } from "./stage.ts";

const PASSWORD = "four words and a horse";

/** A stage whose hub has a person signed in at a real browser. Everything started through it stops with it. */
export class WebStage implements AsyncDisposable {
  readonly stage: Stage;
  readonly browser: Browser;
  /** By name: cookies are for a host. Without a slash at the end. */
  readonly url: string;
  /** The first admin, signed in. */
  readonly admin: BrowserPerson;
  readonly #stack: AsyncDisposableStack;

  private constructor(stack: AsyncDisposableStack, parts: Pick<WebStage, "stage" | "browser" | "url" | "admin">) {
    this.#stack = stack;
    this.stage = parts.stage;
    this.browser = parts.browser;
    this.url = parts.url;
    this.admin = parts.admin;
  }

  static async open(options: StageOptions = {}): Promise<WebStage> {
    await using stack = new AsyncDisposableStack();
    const stage = stack.use(await Stage.open(options));
    const browser = await startBrowser();
    stack.defer(() => browser.close());
    const url = stage.hub.url.replace("127.0.0.1", "localhost");
    const [link = ""] = await stage.hub.waitForLine(/http:\/\/\S+\/first-admin#\S+/);
    const email = "ada@example.com";
    await call(url, "/api/v1/first-admin", { token: link.split("#")[1], name: "Ada", email, password: PASSWORD });
    const admin = await newPerson(browser);
    await signIn(admin, url, email);
    return new WebStage(stack.move(), { stage, browser, url, admin });
  }

  /** Somebody else with these roles, signed in at a browser of their own. `name`: also of the e-mail address. */
  async person(name: string, roles: readonly RoleBinding[]): Promise<BrowserPerson> {
    const email = `${name.toLowerCase()}@example.com`;
    const invited = await this.stage.api<{ url: string }>("POST", "/invitations", { email, name, roles });
    await call(this.url, "/api/v1/links/accept", { token: invited.url.split("#")[1], name, password: PASSWORD });
    const person = await newPerson(this.browser);
    await signIn(person, this.url, email);
    return person;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** By the form, as people do. */
async function signIn({ page }: BrowserPerson, url: string, email: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.fill("input[name=email]", email);
  await page.fill("input[name=password]", PASSWORD);
  await page.click("button[type=submit]");
  await page.waitForURL(`${url}/`);
}

async function call(url: string, path: string, body: unknown): Promise<void> {
  const headers = { "content-type": "application/json", origin: url };
  const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
}
