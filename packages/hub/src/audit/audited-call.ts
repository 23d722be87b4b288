import type { AuditActor, AuditDoor, AuditOutcome } from "@fairlead/protocol/rest";
import type { AnswerNote } from "../http/answer-note.ts";
import { type AuditRecord, NOBODY } from "./record.ts";
import type { AuditRecorder } from "./service.ts";

/** What is known of a call before anybody looked at who makes it. */
export interface CallFacts {
  readonly door: AuditDoor;
  readonly action: string;
  readonly method: string;
  /** From `auditPath`. */
  readonly path: string;
  readonly address: string;
  readonly requestId: string;
}

/**
 * A call that takes longer than this has an entry of its beginning, too: a hub that is killed in the midst of a build or a pull does
 * not forget it.
 */
const LONG_CALL_MS = 2_000;

/** A change or an exec on its way through a door: from its first byte to the entry of its end. */
export class AuditedCall {
  /** Filled in as it becomes known. */
  actor: AuditActor = NOBODY;
  environment: AuditRecord["environment"];
  target: string | undefined;
  readonly requestId: string;
  readonly #audit: AuditRecorder;
  readonly #facts: CallFacts;
  readonly #at = Date.now();
  readonly #began = performance.now();
  readonly #details: Record<string, string | number | boolean> = {};
  readonly #timer: NodeJS.Timeout;
  #hasStarted = false;
  #hasEnded = false;

  constructor(audit: AuditRecorder, facts: CallFacts) {
    this.#audit = audit;
    this.#facts = facts;
    this.requestId = facts.requestId;
    this.#timer = setTimeout(() => this.started(), LONG_CALL_MS).unref();
  }

  add(details: Readonly<Record<string, string | number | boolean>>): void {
    Object.assign(this.#details, details);
  }

  /** It goes on: an entry of its beginning. At most once. */
  started(): void {
    if (this.#hasStarted || this.#hasEnded) return;
    this.#hasStarted = true;
    this.#record({ outcome: "started" });
  }

  /** It is over: the entry. At most once. @param answer absent when it broke off before one. */
  end(answer: AnswerNote | undefined, outcome: AuditOutcome = outcomeOf(answer)): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    const { status, code } = answer ?? { code: "cancelled" };
    this.#record({
      outcome,
      durationMs: performance.now() - this.#began,
      ...(status === undefined ? {} : { status }),
      ...(code === undefined ? {} : { code }),
    });
  }

  /** Not worth an entry after all. */
  forget(): void {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
  }

  #record(outcome: Pick<AuditRecord, "outcome" | "durationMs" | "status" | "code">): void {
    this.#audit.record({
      ...this.#facts,
      ...outcome,
      at: this.#at,
      actor: this.actor,
      target: this.target,
      details: this.#details,
      ...(this.environment === undefined ? {} : { environment: this.environment }),
    });
  }
}

/** What an answer means for who asked; without one it broke off. */
export function outcomeOf(answer: AnswerNote | undefined): AuditOutcome {
  if (answer === undefined || answer.status >= 500) return "failed";
  return answer.status >= 400 ? "refused" : "done";
}
