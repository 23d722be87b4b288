import { Button, Group, Modal, SegmentedControl, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useMemo, useState } from "react";
import { readDiskUsage } from "../../docker/disk-usage.ts";
import { actionAllowance } from "../../hub/access.ts";
import { useMe } from "../../hub/session.ts";
import { count, formatBytes } from "../../ui/format.ts";
import { useHostLists } from "./host-lists.ts";
import { type PruneKind } from "./prune-kind.ts";
import { comparePrune, freedBytes, type PruneOutcome } from "./prune-preview.ts";
import { PruneHost, type PrunePlan } from "./prune-host.tsx";
import { type BatchProgress, runBatch } from "./batch.ts";

export interface PruneDialogProps<T> {
  readonly opened: boolean;
  readonly kind: PruneKind<T>;
  /** Those that the page shows. */
  readonly environments: readonly Environment[];
  readonly onClose: () => void;
  /** Told when the hosts were pruned. */
  readonly onPruned: (environmentIds: readonly number[]) => void;
}

/** Shows what a prune would take, takes it, and tells what it really took. */
export function PruneDialog<T>({ opened, onClose, kind, ...props }: PruneDialogProps<T>): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title={`Prune ${kind.noun}s`} size="xl">
      {opened && <Body kind={kind} onClose={onClose} {...props} />}
    </Modal>
  );
}

function Body<T>({ kind, environments, onClose, onPruned }: Omit<PruneDialogProps<T>, "opened">): ReactNode {
  const [all, setAll] = useState(kind.modes[0]?.all ?? true);
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const [progress, setProgress] = useState<BatchProgress>();
  const [outcomes, setOutcomes] = useState<ReadonlyMap<number, PruneOutcome>>(new Map());
  const [busy, setBusy] = useState(false);
  const plans = usePlans(kind, environments, all, progress !== undefined);
  const going = plans.filter(
    ({ environment, preview }) => preview !== undefined && preview.items.length > 0 && !left.has(environment.id),
  );
  const items = going.flatMap(({ preview }) => preview?.items ?? []);
  const reading = plans.some((plan) => plan.reading);
  const finished = progress !== undefined && !busy;

  const toggle = (id: number): void => {
    const next = new Set(left);
    if (!next.delete(id)) next.add(id);
    setLeft(next);
  };
  const run = async (): Promise<void> => {
    setBusy(true);
    const work = going.map(({ environment }) => ({ key: String(environment.id), environment }));
    await runBatch(
      work,
      async ({ environment }) => {
        const outcome = await kind.prune(environment.id, all);
        setOutcomes((before) => new Map([...before, [environment.id, outcome]]));
      },
      setProgress,
    );
    setBusy(false);
    onPruned(going.map(({ environment }) => environment.id));
  };

  return (
    <Stack gap="md">
      {kind.modes.length > 1 && (
        <SegmentedControl
          aria-label="What to prune"
          value={String(all)}
          onChange={(value) => setAll(value === "true")}
          data={kind.modes.map((mode) => ({ value: String(mode.all), label: mode.label }))}
          readOnly={progress !== undefined}
        />
      )}
      <Text fz="sm">{kind.modes.find((mode) => mode.all === all)?.description}</Text>
      <Stack gap="sm" className="fl-scroll-list" p="sm" tabIndex={0} role="group" aria-label="What goes on each host">
        {plans.map((plan) => {
          const { environment, preview } = plan;
          const outcome = outcomes.get(environment.id);
          return (
            <PruneHost
              key={environment.id}
              plan={plan}
              noun={kind.noun}
              on={!left.has(environment.id)}
              onToggle={progress === undefined ? () => toggle(environment.id) : undefined}
              state={progress?.get(String(environment.id))}
              outcome={outcome}
              difference={preview && outcome ? comparePrune(preview, outcome) : undefined}
            />
          );
        })}
      </Stack>
      <Stack gap="sm">
        <Text fz="sm" role="status" className="tabular">
          {finished ? (
            <Freed outcomes={[...outcomes.values()]} noun={kind.noun} />
          ) : (
            <Frees items={items} reading={reading} />
          )}
        </Text>
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {finished ? "Close" : busy ? "Leave it to go on" : "Cancel"}
          </Button>
          {!finished && (
            <Button color="red.9" loading={busy} disabled={items.length === 0} onClick={() => void run()}>
              {items.length === 0
                ? reading
                  ? "Reading what would go…"
                  : "Nothing to prune"
                : `Prune ${count(items.length, kind.noun)} on ${count(going.length, "host")}`}
            </Button>
          )}
        </Group>
      </Stack>
    </Stack>
  );
}

function Frees({ items, reading }: { readonly items: PrunePlanItems; readonly reading: boolean }): ReactNode {
  const { atLeast, atMost } = freedBytes(items);
  if (items.length === 0) return null;
  const more = reading ? " More is being read." : "";
  if (atMost === undefined) return `How much it frees is not known.${more}`;
  if (atLeast === undefined) return `Frees up to ${formatBytes(atMost)}.${more}`;
  if (atLeast === atMost) return `Frees ${formatBytes(atMost)}.${more}`;
  return `Frees between ${formatBytes(atLeast)} and ${formatBytes(atMost)}: layers that images share come free with the last of them.${more}`;
}

function Freed({ outcomes, noun }: { readonly outcomes: readonly PruneOutcome[]; readonly noun: string }): ReactNode {
  const freed = outcomes.reduce((sum, { freedBytes: bytes = 0 }) => sum + bytes, 0);
  return noun === "network" ? "Done." : `${formatBytes(freed)} freed.`;
}

type PrunePlanItems = NonNullable<PrunePlan["preview"]>["items"];

/** What would go on each host; sizes come apart, since measuring takes long. What was to be pruned stays as it was then. */
function usePlans<T>(
  kind: PruneKind<T>,
  environments: readonly Environment[],
  all: boolean,
  fixed: boolean,
): readonly PrunePlan[] {
  const me = useMe();
  const lists = useHostLists({
    environments,
    key: `${kind.noun}s to prune`,
    permission: kind.permission,
    read: kind.read,
    staleMs: 0,
    enabled: !fixed,
  });
  const sizes = useHostLists({
    environments,
    key: `${kind.sized} sizes`,
    permission: "system.view",
    read: (environment, signal) => readDiskUsage(environment, kind.sized ?? "image", signal),
    enabled: kind.sized !== undefined && !fixed,
  });
  return useMemo(
    () =>
      lists.hosts.map(({ environment, data, problem, reading, at }, index) => {
        const allowance = actionAllowance(me, kind.permission, environment);
        const refusal = allowance.allowed ? kind.refusal(environment, all) : allowance.reason;
        const size = sizes.hosts[index];
        // What was read before the dialog was opened is not what would go now.
        const preview =
          data === undefined || refusal !== undefined || (reading && !fixed)
            ? undefined
            : kind.preview(data, all, size?.data);
        const measuring = kind.sized !== undefined && (size?.reading ?? false);
        return { environment, preview, problem: refusal ?? problem, reading, at, measuring };
      }),
    [lists, sizes, me, kind, all, fixed],
  );
}
