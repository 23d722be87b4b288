import { FairleadError } from "@fairlead/protocol";
import { connection } from "../../hub/live.ts";
import { environments } from "../../hub/environments.ts";
import { Store } from "../../hub/store.ts";
import { MAX_RETRIES, retryDelayMs } from "./exec-outcome.ts";
import { openTerminals } from "./open-terminals.ts";
import type { Program } from "./shell-choice.ts";
import { TerminalSession, type TerminalTarget } from "./terminal-session.ts";
import { terminalSettings } from "./terminal-settings.ts";

/** Each holds an exec on its host and up to some 10 MB of what it wrote; more nobody keeps apart. */
export const MAX_TERMINALS = 20;

interface Retry {
  attempt: number;
  /** The last look found its host away. */
  isAway: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** The terminals of this page, whoever shows them. */
class Terminals {
  readonly store = new Store<readonly TerminalSession[]>([]);
  /** The one that was looked at last. */
  readonly selected = new Store<string | undefined>(undefined);
  readonly #retries = new Map<TerminalSession, Retry>();
  #watching = false;

  /** @throws FairleadError too_many_requests when there are too many. */
  open(target: TerminalTarget, program: Program): TerminalSession {
    if (this.store.value.length >= MAX_TERMINALS) {
      throw new FairleadError(
        "too_many_requests",
        `${MAX_TERMINALS} terminals are open, which is the most. Close one.`,
      );
    }
    this.#watch();
    const session = new TerminalSession(target, program);
    session.state.subscribe(() => this.#onState(session));
    this.#set([...this.store.value, session]);
    this.selected.set(session.id);
    return session;
  }

  close(session: TerminalSession): void {
    this.#forget(session);
    session.close();
    const at = this.store.value.indexOf(session);
    const left = this.store.value.filter((other) => other !== session);
    this.#set(left);
    if (this.selected.value === session.id) this.selected.set((left[at] ?? left.at(-1))?.id);
  }

  /** The last opened in this container. */
  in(environmentId: number, containerId: string): TerminalSession | undefined {
    return this.store.value.findLast(
      ({ target }) => target.environmentId === environmentId && target.containerId === containerId,
    );
  }

  #set(sessions: readonly TerminalSession[]): void {
    this.store.set(sessions);
    openTerminals.set(sessions.length);
  }

  #onState(session: TerminalSession): void {
    const { value } = session.state;
    if (value.phase === "running") this.#forget(session);
    if (value.phase !== "ended") return;
    const retry = this.#retries.get(session);
    if (value.outcome.kind === "lost") {
      this.#retries.set(session, { attempt: 0, isAway: false, timer: undefined });
    }
    // Only what follows a loss is tried again: a refusal of the first start stays one.
    else if (value.outcome.kind === "exited" || !retry) {
      this.#forget(session);
      return;
    } else retry.attempt += 1;
    this.#schedule(session);
  }

  #schedule(session: TerminalSession): void {
    const retry = this.#retries.get(session);
    if (!retry || !terminalSettings.value.restart || retry.attempt >= MAX_RETRIES) return;
    clearTimeout(retry.timer);
    retry.timer = setTimeout(() => this.#retry(session), retryDelayMs(retry.attempt));
  }

  #retry(session: TerminalSession): void {
    const retry = this.#retries.get(session);
    if (!retry || !terminalSettings.value.restart) return;
    clearTimeout(retry.timer);
    retry.isAway = !isThere(session);
    if (!retry.isAway) session.start();
    else {
      retry.attempt += 1;
      this.#schedule(session);
    }
  }

  #forget(session: TerminalSession): void {
    clearTimeout(this.#retries.get(session)?.timer);
    this.#retries.delete(session);
  }

  /** What can bring a lost shell back, and what ends with the page. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    connection.subscribe(() => {
      if (connection.value.state !== "live") return;
      for (const session of this.#retries.keys()) this.#retry(session);
    });
    environments.store.subscribe(() => {
      for (const [session, { isAway }] of this.#retries) if (isAway && isThere(session)) this.#retry(session);
    });
    terminalSettings.subscribe(() => {
      for (const session of this.#retries.keys()) this.#schedule(session);
    });
    addEventListener("beforeunload", (event) => {
      if (this.store.value.some(({ state }) => state.value.phase !== "ended")) event.preventDefault();
    });
  }
}

function isThere({ target }: TerminalSession): boolean {
  return environments.store.value.byId.get(target.environmentId)?.link.state !== "down";
}

export const terminals = new Terminals();
