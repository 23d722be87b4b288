import { Turns } from "./turns.ts";

/** How something of a batch stands. */
export type BatchState =
  | { readonly state: "waiting" | "running" | "done" }
  | { readonly state: "failed"; readonly error: unknown };

export type BatchProgress = ReadonlyMap<string, BatchState>;

/** Done at once: engines do removals one after the other anyway, and the hub has others to serve. */
const MAX_AT_ONCE = 4;

/** Does all of it, whatever fails, and tells after each step how everything stands. */
export async function runBatch<T extends { readonly key: string }>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
  tell: (progress: BatchProgress) => void,
): Promise<BatchProgress> {
  const turns = new Turns(MAX_AT_ONCE);
  const progress = new Map<string, BatchState>(items.map(({ key }) => [key, { state: "waiting" }]));
  const set = (key: string, state: BatchState): void => {
    progress.set(key, state);
    tell(new Map(progress));
  };
  await Promise.all(
    items.map((item) =>
      turns.run(async () => {
        set(item.key, { state: "running" });
        try {
          await work(item);
          set(item.key, { state: "done" });
        } catch (error) {
          set(item.key, { state: "failed", error });
        }
      }),
    ),
  );
  return progress;
}
