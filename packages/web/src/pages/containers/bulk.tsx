import { Button, Group, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Store, useStore } from "../../hub/store.ts";
import { BulkDialog } from "./bulk-dialog.tsx";
import type { BulkPlan } from "./bulk-plan.ts";
import { bulkCounts, type BulkProgress, BulkRun } from "./bulk-run.ts";

/** The last run; it goes on when the page is left, and is found again. */
const current = new Store<BulkRun | null>(null);
const NO_RUN = new Store<BulkProgress>({ items: [], isRunning: false });

/** Begins a run; there is one at a time. */
export function startBulk(plan: BulkPlan): void {
  current.set(new BulkRun(plan));
}

export function useBulkIsBusy(): boolean {
  const run = useStore(current);
  return useStore(run?.progress ?? NO_RUN, ({ isRunning }: BulkProgress) => isRunning);
}

/** The dialog of the last run, and, where it was closed while that runs, a line that leads back to it. */
export function Bulk(): ReactNode {
  const run = useStore(current);
  return run && <Current key={run.action.name} run={run} />;
}

function Current({ run }: { readonly run: BulkRun }): ReactNode {
  const [closed, setClosed] = useState<BulkRun>();
  const { items, isRunning } = useStore(run.progress);
  const { done, failed } = bulkCounts(items);
  const isOpen = closed !== run;
  const close = (): void => {
    setClosed(run);
    if (!isRunning) current.set(null);
  };
  return (
    <>
      <BulkDialog run={run} opened={isOpen} onClose={close} />
      {!isOpen && (
        <Group gap="sm" className="fl-note" role="status">
          <Text fz="sm">
            {isRunning
              ? `${run.action.doing}: ${done + failed} of ${items.length} are over.`
              : `${done} ${run.action.done}${failed > 0 ? `, ${failed} failed` : ""}.`}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => setClosed(undefined)}>
            Show
          </Button>
        </Group>
      )}
    </>
  );
}
