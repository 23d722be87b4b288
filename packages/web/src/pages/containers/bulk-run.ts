import type { ContainerAction } from "../../docker/container-actions.ts";
import type { ContainerRow } from "../../hub/containers.ts";
import { Store } from "../../hub/store.ts";
import type { BulkPlan } from "./bulk-plan.ts";

/** A browser opens six connections to a hub at once; the page's stream and figures have one, the lists that follow need others. */
const AT_ONCE = 4;

/** One container of a run. */
export interface BulkItem {
  readonly row: ContainerRow;
  readonly state: "waiting" | "working" | "done" | "failed" | "cancelled" | "skipped";
  /** Why it failed. */
  readonly error?: unknown;
  /** Why it was skipped. */
  readonly reason?: string;
}

export interface BulkProgress {
  readonly items: readonly BulkItem[];
  readonly isRunning: boolean;
}

/** An action on many containers, few at once, which goes on when the dialog or the page is left. */
export class BulkRun {
  readonly action: ContainerAction;
  readonly progress: Store<BulkProgress>;
  #open = 0;

  constructor({ action, rows, forbidden }: Pick<BulkPlan, "action" | "rows" | "forbidden">) {
    this.action = action;
    this.progress = new Store<BulkProgress>({
      isRunning: true,
      items: [
        ...rows.map((row): BulkItem => ({ row, state: "waiting" })),
        ...forbidden.map(({ row, reason }): BulkItem => ({ row, state: "skipped", reason })),
      ],
    });
    this.#next();
  }

  /** What has not begun is not done. */
  cancel(): void {
    this.#update(({ row, state }) => (state === "waiting" ? { row, state: "cancelled" } : undefined));
    this.#next();
  }

  /** Those that failed, once more. */
  retryFailed(): void {
    this.#update(({ row, state }) => (state === "failed" ? { row, state: "waiting" } : undefined));
    this.#next();
  }

  #next(): void {
    while (this.#open < AT_ONCE) {
      const item = this.progress.value.items.find(({ state }) => state === "waiting");
      if (!item) break;
      this.#open += 1;
      this.#change(item.row, { row: item.row, state: "working" });
      void this.#work(item.row);
    }
    const { items, isRunning } = this.progress.value;
    const stillRuns = items.some(({ state }) => state === "waiting" || state === "working");
    if (stillRuns !== isRunning) this.progress.set({ items, isRunning: stillRuns });
  }

  async #work(row: ContainerRow): Promise<void> {
    try {
      await this.action.run(row.environmentId, row.container.Id);
      this.#change(row, { row, state: "done" });
    } catch (error) {
      this.#change(row, { row, state: "failed", error });
    }
    this.#open -= 1;
    this.#next();
  }

  #change(row: ContainerRow, to: BulkItem): void {
    this.#update((item) => (item.row.key === row.key ? to : undefined));
  }

  #update(change: (item: BulkItem) => BulkItem | undefined): void {
    const { items, isRunning } = this.progress.value;
    this.progress.set({ isRunning, items: items.map((item) => change(item) ?? item) });
  }
}

/** How many of a run are in each state. */
export function bulkCounts(items: readonly BulkItem[]): Readonly<Record<BulkItem["state"], number>> {
  const counts = { waiting: 0, working: 0, done: 0, failed: 0, cancelled: 0, skipped: 0 };
  for (const { state } of items) counts[state] += 1;
  return counts;
}
