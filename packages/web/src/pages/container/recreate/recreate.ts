import { isFairleadError } from "@fairlead/protocol";
import type { CreateBody, EndpointRequest } from "./create-body.ts";

/** What is asked of the engine. */
export interface RecreateEngine {
  pull(image: string): Promise<void>;
  /** @returns the new container's id. */
  create(name: string, body: CreateBody): Promise<string>;
  start(id: string): Promise<void>;
  stop(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  connect(network: string, id: string, endpoint: EndpointRequest): Promise<void>;
  /** With the anonymous volumes that were made for it. */
  remove(id: string): Promise<void>;
}

export interface RecreatePlan {
  readonly oldId: string;
  readonly name: string;
  /** The state that the old one is in: what ran is started, and on failure is made to run again. */
  readonly state: "running" | "paused" | "stopped";
  readonly temporaryName: string;
  readonly backupName: string;
  readonly body: CreateBody;
  /** Networks beside the one in the body. */
  readonly others: readonly (readonly [network: string, endpoint: EndpointRequest])[];
  readonly pull: boolean;
}

export interface RecreateStep {
  readonly label: string;
  readonly state: "waiting" | "running" | "done" | "failed";
  readonly error?: unknown;
}

export type RecreateOutcome =
  | { readonly done: true; readonly newId: string }
  /** `restored`: everything is as it was. If not, the undoing steps tell what is left to do. */
  | { readonly done: false; readonly error: unknown; readonly restored: boolean };

interface Action {
  readonly label: string;
  run(): Promise<void>;
  /** What takes it back; told, too. */
  readonly undo?: readonly Action[];
  /** It may have happened although the answer says that it failed, as when the connection broke. */
  readonly undoAlways?: boolean;
}

/** Names of the container while it is made, and of the old one after. `at`: local time. */
export function recreateNames(name: string, at: Date): Pick<RecreatePlan, "temporaryName" | "backupName"> {
  const two = (number: number): string => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const stamp = `${day}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return { temporaryName: `${name}-new-${stamp}`, backupName: `${name}-before-${stamp}` };
}

/**
 * Replaces a container by one that is made from the plan; the old one stays under another name. When a step fails, those before it are
 * taken back in reverse order. `report` is told of all steps whenever one changes.
 */
export async function recreate(
  plan: RecreatePlan,
  engine: RecreateEngine,
  report: (steps: readonly RecreateStep[]) => void,
): Promise<RecreateOutcome> {
  let newId = "";
  const actions = stepsOf(plan, engine, {
    get: () => newId,
    set: (id) => {
      newId = id;
    },
  });
  let steps: RecreateStep[] = actions.map(({ label }) => ({ label, state: "waiting" }));
  const mark = (index: number, step: Partial<RecreateStep>): void => {
    steps = steps.map((before, at) => (at === index ? { ...before, ...step } : before));
    report(steps);
  };
  for (const [index, action] of actions.entries()) {
    mark(index, { state: "running" });
    try {
      await action.run();
      mark(index, { state: "done" });
    } catch (error) {
      mark(index, { state: "failed", error });
      const toUndo = actions.slice(0, action.undoAlways === true ? index + 1 : index).reverse();
      steps = steps.slice(0, index + 1);
      report(steps);
      const restored = await undo(
        toUndo.flatMap(({ undo = [] }) => undo),
        (undone) => report([...steps, ...undone]),
      );
      return { done: false, error, restored };
    }
  }
  return { done: true, newId };
}

/** What cannot be taken back does not keep the rest from it. */
async function undo(actions: readonly Action[], report: (steps: readonly RecreateStep[]) => void): Promise<boolean> {
  let steps: RecreateStep[] = actions.map(({ label }) => ({ label, state: "waiting" }));
  for (const [index, action] of actions.entries()) {
    const mark = (step: Partial<RecreateStep>): void => {
      steps = steps.map((before, at) => (at === index ? { ...before, ...step } : before));
      report(steps);
    };
    mark({ state: "running" });
    try {
      await action.run();
      mark({ state: "done" });
    } catch (error) {
      mark({ state: "failed", error });
    }
  }
  return steps.every(({ state }) => state === "done");
}

function stepsOf(
  plan: RecreatePlan,
  engine: RecreateEngine,
  created: { get(): string; set(id: string): void },
): readonly Action[] {
  const { oldId, name, temporaryName, backupName, state } = plan;
  const runs = state !== "stopped";
  const removeNew: Action = {
    label: `Take back: remove ${temporaryName}`,
    // By its name where the answer with its id was lost.
    run: () => unlessGone(engine.remove(created.get() || temporaryName)),
  };
  const restart: Action[] = [
    { label: `Take back: start ${name} again`, run: () => unlessSo(engine.start(oldId), PAUSED) },
  ];
  if (state === "paused")
    restart.push({ label: `Take back: pause ${name} again`, run: () => unlessSo(engine.pause(oldId), PAUSED) });
  return [
    ...(plan.pull ? [{ label: `Pull ${plan.body.Image}`, run: () => engine.pull(plan.body.Image) }] : []),
    {
      label: `Create the new container as ${temporaryName}`,
      run: async () => created.set(await engine.create(temporaryName, plan.body)),
      undo: [removeNew],
      undoAlways: true,
    },
    ...(runs ? [{ label: `Stop ${name}`, run: () => engine.stop(oldId), undo: restart, undoAlways: true }] : []),
    {
      label: `Rename ${name} to ${backupName}`,
      run: () => engine.rename(oldId, backupName),
      undo: [
        {
          label: `Take back: rename ${backupName} to ${name}`,
          run: () => unlessSo(engine.rename(oldId, name), SAME_NAME),
        },
      ],
      undoAlways: true,
    },
    {
      label: `Rename ${temporaryName} to ${name}`,
      run: () => engine.rename(created.get(), name),
      undo: [
        {
          label: `Take back: free the name ${name}`,
          run: () => unlessSo(engine.rename(created.get(), temporaryName), SAME_NAME),
        },
      ],
      undoAlways: true,
    },
    ...plan.others.map(([network, endpoint]) => ({
      label: `Connect ${name} to ${network}`,
      run: () => engine.connect(network, created.get(), endpoint),
    })),
    ...(runs ? [{ label: `Start ${name}`, run: () => engine.start(created.get()) }] : []),
  ];
}

/** What is not there needs no removal. */
async function unlessGone(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!isFairleadError(error, "not_found")) throw error;
  }
}

/** Taking back what did not come to happen changes nothing, which the engine refuses in these words. */
async function unlessSo(change: Promise<void>, refusal: RegExp): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!(error instanceof Error && refusal.test(error.message))) throw error;
  }
}

const SAME_NAME = /same name as its current name/i;
const PAUSED = /paused container|already paused/i;
