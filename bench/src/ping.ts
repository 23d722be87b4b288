import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { get, type Target } from "./target.ts";

/** Sends `/_ping`s on connections that it keeps. */
export class Pinger implements Disposable {
  readonly #target: Target;
  readonly #agent: HttpAgent;

  constructor(target: Target, maxSockets = 1) {
    this.#target = target;
    const options = { keepAlive: true, maxSockets };
    this.#agent = target.caPath === undefined ? new HttpAgent(options) : new HttpsAgent(options);
  }

  ping(): Promise<void> {
    return new Promise((resolve, reject) => {
      const answered = get(
        this.#target,
        "/_ping",
        (response) => {
          if (response.statusCode !== 200) reject(new Error(`${this.#target.name}: ${response.statusCode}`));
          response.resume();
          response.on("error", reject);
          response.on("end", resolve);
        },
        this.#agent,
      );
      answered.on("error", reject);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
