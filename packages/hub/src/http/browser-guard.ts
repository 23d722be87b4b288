import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { FairleadError } from "@fairlead/protocol";

/** What a page in a browser may open at this hub, whoever lets it in. Programs send no `Origin`, and are not looked at. */
export class BrowserGuard {
  readonly #publicHost: string | undefined;

  /** @param publicUrl Where people reach the hub, when that was configured. */
  constructor(publicUrl: string | undefined) {
    this.#publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).host;
  }

  /**
   * For upgrades: browsers let any page open a WebSocket to anywhere. It must be a page of this hub, and reach it by a name that
   * is the hub's: another one may have been made to point here (DNS rebinding).
   *
   * @throws FairleadError forbidden.
   */
  checkUpgrade({ headers: { origin, host = "" } }: IncomingMessage): void {
    if (origin === undefined) return;
    const from = URL.parse(origin)?.host;
    if (from === undefined || (from !== host && from !== this.#publicHost)) {
      throw new FairleadError("forbidden", `A page of ${origin} may not open a connection to this hub.`);
    }
    if (this.#publicHost !== undefined && host !== this.#publicHost && !isUnnameable(host)) {
      throw new FairleadError(
        "forbidden",
        `This hub is not called ${host}: pages reach it at ${this.#publicHost} (FAIRLEAD_PUBLIC_URL).`,
      );
    }
  }

  /**
   * For answers that a host makes up: shown as a page of this hub they could act as the person who looks at them. Scripts of the
   * hub's own pages may fetch them.
   *
   * @throws FairleadError forbidden.
   */
  refusePage({ headers }: IncomingMessage): void {
    // Over plain HTTP browsers leave Sec-Fetch-Dest out; a header of its own only a script can send.
    if (headers["sec-fetch-dest"] === "empty" || headers["x-requested-with"] !== undefined) return;
    throw new FairleadError(
      "forbidden",
      "A host's answers are for programs, not for pages: fetch them (header X-Requested-With), or send an API token in the Authorization header.",
    );
  }
}

/** Hosts that nobody else can make point here: addresses, and this machine itself. */
function isUnnameable(host: string): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return isIP(name) !== 0 || name === "localhost" || name.endsWith(".localhost");
}
