import type { CreatedEnvironment } from "@fairlead/protocol/rest";
import type { HubProgram } from "@fairlead/testkit";

/** What a test asks of one hub's REST API. */
export class HubApi {
  readonly #hub: HubProgram;
  /** Of the environment that it was made with. */
  agentToken = "";

  constructor(hub: HubProgram) {
    this.#hub = hub;
  }

  /** With an edge environment `web-1` added. */
  static async withEnvironment(hub: HubProgram): Promise<HubApi> {
    const api = new HubApi(hub);
    const { agentToken } = await api.call<CreatedEnvironment>("POST", "/environments", { name: "web-1" });
    api.agentToken = agentToken ?? "";
    return api;
  }

  get port(): number {
    return this.#hub.port;
  }

  /** Where agents dial. */
  get agentUrl(): string {
    return `${this.#hub.url.replace("http", "ws")}/api/hawser/connect`;
  }

  /** Joins that the hub has refused with this code. */
  refusals(code: string): number {
    return this.#hub.lines.filter((line) => line.includes("an agent's join was refused") && line.includes(code)).length;
  }

  /** @throws Error with status and body when it is not a success. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.#hub.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#hub.token}`, ...(body ? { "content-type": "application/json" } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}
