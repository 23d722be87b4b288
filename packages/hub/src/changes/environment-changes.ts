import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "pino";
import type { Environment } from "@fairlead/protocol/rest";
import type { EnvironmentListener } from "../environments/record.ts";
import type { ChangePublisher } from "./change-feed.ts";

export interface EnvironmentChangesOptions {
  readonly changes: ChangePublisher;
  /** The environment as the REST API shows it; `undefined` when it is no more. */
  readonly view: (environmentId: number) => Promise<Environment | undefined>;
  readonly log: Logger;
  /** Milliseconds in which several changes of one environment become one. Default 200. */
  readonly delayMs?: number;
}

/** A host that comes back changes its link, its engine and its figures within moments: readers need the last state only. */
const DELAY_MS = 200;
/** Views assembled in one turn: some milliseconds. */
const VIEWS_PER_TURN = 20;

/** Publishes environments that changed, each as it then is. What waits is one id an environment. */
export class EnvironmentChanges {
  readonly #options: EnvironmentChangesOptions;
  readonly #waiting = new Set<number>();
  readonly #delayMs: number;
  #timer: NodeJS.Timeout | undefined;
  #publishing: Promise<void> | undefined;

  constructor(options: EnvironmentChangesOptions) {
    this.#options = options;
    this.#delayMs = options.delayMs ?? DELAY_MS;
  }

  /** To be given to the environments' `onChange`. */
  readonly onChange: EnvironmentListener = ({ type, environment }) => {
    if (type === "removed") {
      this.#waiting.delete(environment.id);
      this.#options.changes.publish("environment", environment.id, { id: environment.id, removed: true });
    } else this.touch(environment.id);
  };

  /** Something that the environment's view shows has changed. */
  touch(environmentId: number): void {
    this.#waiting.add(environmentId);
    this.#timer ??= setTimeout(() => void this.flush(), this.#delayMs).unref();
  }

  /** Publishes now what waits. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#publishing) await this.#publishing;
    this.#publishing = this.#publish().finally(() => (this.#publishing = undefined));
    await this.#publishing;
  }

  async #publish(): Promise<void> {
    const ids = [...this.#waiting];
    this.#waiting.clear();
    for (const [index, id] of ids.entries()) {
      try {
        const view = await this.#options.view(id);
        if (view) this.#options.changes.publish("environment", id, view);
      } catch (error) {
        this.#options.log.error({ err: error, environmentId: id }, "The view of an environment failed");
      }
      if (index % VIEWS_PER_TURN === VIEWS_PER_TURN - 1) await nextTurn();
    }
  }
}
