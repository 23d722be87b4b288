import { isFairleadError } from "@fairlead/protocol";
import type { Log } from "../log.ts";
import type { AskedEngine } from "./engine-container.ts";
import type { ComposeWish, Policy, PolicyCall, Review } from "./policy.ts";

/** A hub can be refused as often as it likes: the log tells of it at most this often, in milliseconds, with a count. */
const LOG_INTERVAL_MS = 10_000;

/** A policy whose refusals are in the agent's log. */
export class LoggedPolicy implements Policy {
  readonly name: string;
  readonly #policy: Policy;
  readonly #log: Log;
  #refused = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(policy: Policy, log: Log) {
    this.name = policy.name;
    this.#policy = policy;
    this.#log = log;
  }

  judge(call: PolicyCall, engine: AskedEngine): Review | undefined {
    const review = this.#watched(() => this.#policy.judge(call, engine));
    return (
      review && {
        needsBody: review.needsBody,
        finish: async (body) => {
          try {
            return await review.finish(body);
          } catch (error) {
            this.#tell(error);
            throw error;
          }
        },
      }
    );
  }

  judgeCompose(wish: ComposeWish): void {
    this.#watched(() => this.#policy.judgeCompose(wish));
  }

  #watched<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      this.#tell(error);
      throw error;
    }
  }

  #tell(error: unknown): void {
    if (!isFairleadError(error, "policy_refused")) return;
    this.#refused += 1;
    const now = performance.now();
    if (now - this.#loggedAt < LOG_INTERVAL_MS) return;
    this.#log.warn("the policy refused what was asked", { reason: error.message, refused: this.#refused });
    this.#refused = 0;
    this.#loggedAt = now;
  }
}
