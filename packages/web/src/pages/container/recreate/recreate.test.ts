import { FairleadError } from "@fairlead/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recreate, type RecreateEngine, recreateNames, type RecreatePlan, type RecreateStep } from "./recreate.ts";

interface Fake {
  name: string;
  state: string;
  networks: string[];
}

/** How the call with a number fails: before the engine does it, or after, when its answer is lost. */
interface Failure {
  readonly call: number;
  readonly when: "before" | "after";
}

class FakeEngine implements RecreateEngine {
  readonly containers: Map<string, Fake>;
  readonly #failure: Failure | undefined;
  #calls = 0;

  constructor(old: Fake, failure?: Failure) {
    this.containers = new Map([["old", old]]);
    this.#failure = failure;
  }

  async #call<T>(run: () => T): Promise<T> {
    const isIt = this.#failure?.call === this.#calls++;
    if (isIt && this.#failure?.when === "before") throw new FairleadError("engine_error", "refused");
    const value = run();
    if (isIt) throw new FairleadError("agent_disconnected", "the answer is lost");
    return value;
  }

  #find(ref: string): Fake {
    const found = this.containers.get(ref) ?? [...this.containers.values()].find(({ name }) => name === ref);
    if (!found) throw new FairleadError("not_found", `No such container: ${ref}`);
    return found;
  }

  pull = (): Promise<void> => this.#call(() => {});
  create = (name: string): Promise<string> =>
    this.#call(() => {
      this.containers.set("new", { name, state: "created", networks: ["first"] });
      return "new";
    });
  start = (id: string): Promise<void> =>
    this.#call(() => {
      if (this.#find(id).state === "paused")
        throw new FairleadError("conflict", "cannot start a paused container, try unpause instead");
      this.#find(id).state = "running";
    });
  stop = (id: string): Promise<void> => this.#call(() => void (this.#find(id).state = "exited"));
  pause = (id: string): Promise<void> =>
    this.#call(() => {
      if (this.#find(id).state === "paused") throw new FairleadError("conflict", "Container old is already paused");
      this.#find(id).state = "paused";
    });
  rename = (id: string, name: string): Promise<void> =>
    this.#call(() => {
      const container = this.#find(id);
      if (container.name === name)
        throw new FairleadError("bad_request", "Renaming a container with the same name as its current name");
      if ([...this.containers.values()].some((other) => other.name === name))
        throw new FairleadError("conflict", `The container name "/${name}" is already in use by container "x"`);
      container.name = name;
    });
  connect = (network: string, id: string): Promise<void> =>
    this.#call(() => void this.#find(id).networks.push(network));
  remove = (ref: string): Promise<void> =>
    this.#call(() => {
      this.#find(ref);
      for (const [id, { name }] of this.containers) if (id === ref || name === ref) this.containers.delete(id);
    });
}

const plan = (state: RecreatePlan["state"], pull = false): RecreatePlan => ({
  oldId: "old",
  name: "web",
  state,
  temporaryName: "web-new",
  backupName: "web-before",
  body: { Image: "busybox", HostConfig: {} },
  others: [
    ["back", {}],
    ["side", {}],
  ],
  pull,
});
const oldState = { running: "running", paused: "paused", stopped: "exited" };

describe("recreate", () => {
  test.each(["running", "paused", "stopped"] as const)(
    "a %s container makes place for the new one, and stays",
    async (state) => {
      const engine = new FakeEngine({ name: "web", state: oldState[state], networks: [] });
      let last: readonly RecreateStep[] = [];
      const outcome = await recreate(plan(state, true), engine, (steps) => {
        last = steps;
      });
      expect(outcome).toEqual({ done: true, newId: "new" });
      expect(engine.containers.get("new")).toEqual({
        name: "web",
        state: state === "stopped" ? "created" : "running",
        networks: ["first", "back", "side"],
      });
      expect(engine.containers.get("old")).toMatchObject({ name: "web-before", state: "exited" });
      expect(last.every((step) => step.state === "done")).toBe(true);
      expect(last[0]?.label).toBe("Pull busybox");
    },
  );

  test("whichever step fails, before or after it came to happen, all is as it was", async () => {
    const failure = fc.record({ call: fc.nat({ max: 7 }), when: fc.constantFrom("before" as const, "after" as const) });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("running" as const, "paused" as const, "stopped" as const),
        fc.boolean(),
        failure,
        async (state, pull, fails) => {
          const engine = new FakeEngine({ name: "web", state: oldState[state], networks: [] }, fails);
          let last: readonly RecreateStep[] = [];
          const outcome = await recreate(plan(state, pull), engine, (steps) => {
            last = steps;
          });
          if (outcome.done) return;
          expect(outcome.restored).toBe(true);
          expect([...engine.containers]).toEqual([["old", { name: "web", state: oldState[state], networks: [] }]]);
          expect(last.filter((step) => step.state === "failed")).toHaveLength(1);
          expect(last.some((step) => step.state === "running" || step.state === "waiting")).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });

  test("what cannot be taken back is said, and does not keep the rest from it", async () => {
    const engine = new FakeEngine({ name: "web", state: "running", networks: [] });
    engine.start = () => Promise.reject(new Error("no start today"));
    let last: readonly RecreateStep[] = [];
    const outcome = await recreate(plan("running"), engine, (steps) => {
      last = steps;
    });
    expect(outcome).toMatchObject({ done: false, restored: false });
    expect(engine.containers.get("old")).toMatchObject({ name: "web", state: "exited" });
    expect(last.filter((step) => step.state === "failed").map(({ label }) => label)).toEqual([
      "Start web",
      "Take back: start web again",
    ]);
  });
});

test("the names tell when it was", () => {
  expect(recreateNames("web", new Date(2026, 0, 2, 3, 4, 5))).toEqual({
    temporaryName: "web-new-2026-01-02-030405",
    backupName: "web-before-2026-01-02-030405",
  });
});
