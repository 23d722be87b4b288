import type { DockerEffect } from "@fairlead/protocol";
import { type ComposeWish, describeCall, knownCall, type Policy, type PolicyCall, refused } from "./policy.ts";

/** Operations of compose that change nothing. */
const READING_OPERATIONS = new Set(["ps", "logs"]);

/**
 * `no-exec`: nobody gets into a running container. `read-only`: nothing is changed. Both go by the endpoint alone, so that nothing is read of
 * a call but its head.
 */
export class PresetPolicy implements Policy {
  readonly name: "no-exec" | "read-only";
  readonly #allowed: ReadonlySet<DockerEffect>;

  constructor(name: "no-exec" | "read-only") {
    this.name = name;
    this.#allowed = new Set(name === "read-only" ? ["read"] : ["read", "change"]);
  }

  judge(call: PolicyCall): undefined {
    const { effect, method, path } = knownCall(this.name, call).endpoint;
    if (this.#allowed.has(effect)) return;
    const why = effect === "exec" ? "it gets into a running container" : "it is more than reading";
    throw refused(this.name, describeCall(call), why, `${this.name}: ${method} ${path}`);
  }

  judgeCompose({ operation, changesFiles }: ComposeWish): void {
    if (this.name === "no-exec") return;
    const what = `compose ${operation}`;
    if (!READING_OPERATIONS.has(operation))
      throw refused(this.name, what, "only ps and logs read", "read-only: compose");
    if (changesFiles) throw refused(this.name, what, "it would write or delete files", "read-only: compose files");
  }
}
