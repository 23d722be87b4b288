import type { ErrorMessage } from "@fairlead/protocol";
import type { Log } from "../log.ts";
import { type RefusedByHub, refusalOf } from "./refused-by-hub.ts";

/** Lines a connection may write about errors of the hub: a hub in a loop must not fill the log. */
const MAX_LOGGED_ERRORS = 20;

/** A hub says why, then closes; an error that is older has nothing to do with the close. */
const REFUSAL_TIME_MS = 10_000;

/** Errors that the hub reports on a connection that was welcomed. */
export class HubErrors {
  readonly #log: Log;
  #count = 0;
  #last: ErrorMessage | undefined;
  #lastAt = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  add(message: ErrorMessage): void {
    this.#count += 1;
    const { error, code, requestId } = message;
    const write = this.#count > MAX_LOGGED_ERRORS ? this.#log.debug : this.#log.warn;
    write("the hub reports an error", { error, code, requestId });
    if (requestId !== undefined) return;
    this.#last = message;
    this.#lastAt = performance.now();
  }

  /** What the hub said just now, if it was about the connection. */
  refusal(): RefusedByHub | undefined {
    if (this.#last === undefined || performance.now() - this.#lastAt > REFUSAL_TIME_MS) return undefined;
    return refusalOf(this.#last);
  }
}
