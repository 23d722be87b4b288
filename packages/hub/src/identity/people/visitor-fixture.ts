/** For tests: somebody with a browser's cookies at a hub, without the browser. */
import { type IncomingHttpHeaders, request } from "node:http";
import type { HubFixture } from "../../http/hub-fixture.ts";

export interface VisitorAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly json: Record<string, unknown>;
}

export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #hub: HubFixture;
  readonly #address: string;

  /** @param address As a proxy would tell it. */
  constructor(hub: HubFixture, address = "192.0.2.1") {
    this.#hub = hub;
    this.#address = address;
  }

  get cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** As a page of the hub calls it. @param headers In the place of what the browser says of the page. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty" },
  ): Promise<VisitorAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<VisitorAnswer>();
    const sent = {
      cookie: this.cookieHeader,
      "x-forwarded-for": this.#address,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    };
    const call = request({ host: "127.0.0.1", port: this.#hub.port, method, path, headers: sent, agent: false });
    call.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, json: {} });
    });
    call.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () => {
        for (const line of response.headers["set-cookie"] ?? []) this.#keep(line);
        const json = (text.startsWith("{") ? JSON.parse(text) : {}) as Record<string, unknown>;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, json });
      });
    });
    call.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
    return promise;
  }

  signIn(email: string, password: string): Promise<VisitorAnswer> {
    return this.call("POST", "/api/auth/sign-in/email", { email, password });
  }

  #keep(line: string): void {
    const [pair = ""] = line.split(";", 1);
    const at = pair.indexOf("=");
    if (/max-age=0/i.test(line)) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}
