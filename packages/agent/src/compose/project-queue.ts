import { FairleadError } from "@fairlead/protocol";

/** Operations that wait for one project: a person who clicks again and again, or a hub that tries again. */
const MAX_WAITING = 16;

/** Operations running or waiting altogether: each running one is a process of some 50 MB. */
const MAX_OPERATIONS = 64;

/** Lets one operation at a time run for a project, in the order they came. Different projects do not wait for each other. */
export class ProjectQueue {
  readonly #last = new Map<string, { done: Promise<void>; waiting: number }>();
  #operations = 0;

  /**
   * Runs `operation` when those before it are done.
   * @param signal gives the place in the queue up
   * @throws FairleadError `too_many_requests` when too many wait, `cancelled` when aborted while waiting
   */
  async run<T>(project: string, operation: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(project);
    if ((before?.waiting ?? 0) >= MAX_WAITING || this.#operations >= MAX_OPERATIONS) {
      throw new FairleadError(
        "too_many_requests",
        `Too many compose operations wait already; try again when some are done`,
      );
    }
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const mine = { done: Promise.all([before?.done, done]).then(() => {}), waiting: (before?.waiting ?? 0) + 1 };
    this.#last.set(project, mine);
    this.#operations += 1;
    try {
      if (before) await unlessAborted(before.done, signal);
      return await operation();
    } finally {
      this.#operations -= 1;
      finish();
      const last = this.#last.get(project);
      if (last === mine) this.#last.delete(project);
      else if (last) last.waiting -= 1;
    }
  }
}

async function unlessAborted(before: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const { promise, reject } = Promise.withResolvers<void>();
  const abort = (): void =>
    reject(new FairleadError("cancelled", "cancelled while waiting for an operation before it"));
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  await Promise.race([before, promise]).finally(() => signal?.removeEventListener("abort", abort));
}
