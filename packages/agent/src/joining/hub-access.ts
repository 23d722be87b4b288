import { FairleadError, isFairleadError } from "@fairlead/protocol";
import type { AgentConfig } from "../config.ts";
import type { HubKeyCheck } from "../link/hub-key.ts";
import { RefusedByHub } from "../link/refused-by-hub.ts";
import type { Log } from "../log.ts";
import { hashJoinKey, type HubCredential } from "./credential-file.ts";
import { keptKeyCheck } from "./hub-key-check.ts";

/** With what to dial. */
export interface HubAdmission {
  readonly token: string;
  readonly checkKey?: HubKeyCheck;
}

export interface HubAccessOptions {
  readonly config: AgentConfig & { serverUrl: URL };
  readonly userAgent: string;
  readonly log: Log;
}

/** What lets this agent in: its token as it was told, or the one that it got for its join key. */
export class HubAccess {
  readonly #options: HubAccessOptions;
  #credential: HubCredential | undefined;
  /** The hub refused what is kept, and there is a join key that was not traded for it. */
  #joinsAgain = false;
  /** The last admission was a join, and it failed. */
  #failedToJoin = false;
  #isKeyRefused = false;

  constructor(options: HubAccessOptions) {
    this.#options = options;
    this.#credential = options.config.credential;
  }

  /** Joins where nothing is kept. @throws what `joinHub` throws. */
  async admission(signal: AbortSignal): Promise<HubAdmission> {
    const { token } = this.#options.config;
    if (token !== undefined) return { token };
    this.#failedToJoin = false;
    const kept = this.#joinsAgain ? undefined : this.#credential;
    const credential = kept ?? (await this.#join(signal));
    const checkKey = keptKeyCheck(this.#options.config, credential);
    return { token: credential.token, ...(checkKey === undefined ? {} : { checkKey }) };
  }

  /**
   * The hub refused the token, or has another key.
   *
   * @returns true when there is a new join key, with which the next admission joins again
   */
  refused(error: unknown): boolean {
    const { joinKey } = this.#options.config;
    const isRefusal =
      (error instanceof RefusedByHub && error.tokenRefused) || isFairleadError(error, "hub_not_trusted");
    if (!isRefusal || joinKey === undefined || this.#credential === undefined || this.#isKeyRefused) return false;
    // After a join that failed, what is kept gets its turn.
    this.#joinsAgain = !this.#failedToJoin && hashJoinKey(joinKey) !== this.#credential.joinKeyHash;
    if (this.#joinsAgain) {
      this.#options.log.info("the hub does not take what this agent has kept: joining again with the new join key", {
        reason: (error as Error).message,
      });
    }
    return this.#joinsAgain;
  }

  /** What a person has to do when the hub does not let this agent in. */
  get remedy(): string {
    const { token } = this.#options.config;
    if (token !== undefined) {
      return "the hub does not accept this agent's token: make a new one there (fairlead env rotate-token NAME) and set TOKEN";
    }
    const what = this.#credential === undefined ? "join key" : "token";
    return `the hub does not accept this agent's ${what}: make a new join key there (fairlead env join-key NAME) and set FAIRLEAD_JOIN_KEY`;
  }

  async #join(signal: AbortSignal): Promise<HubCredential> {
    const { config, userAgent, log } = this.#options;
    const { joinKey } = config;
    if (joinKey === undefined) throw new FairleadError("config_invalid", "edge mode needs a token or a join key");
    const { joinHub } = await import("./join-hub.ts");
    this.#joinsAgain = false;
    this.#failedToJoin = true;
    try {
      this.#credential = await joinHub({ config, joinKey, pin: this.#credential?.pin, userAgent, log, signal });
      this.#failedToJoin = false;
      return this.#credential;
    } catch (error) {
      if (error instanceof RefusedByHub && error.tokenRefused) this.#isKeyRefused = true;
      throw error;
    }
  }
}
