import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { count } from "../../ui/format.ts";
import { BatchFailure, BatchMark } from "./batch-mark.tsx";
import { type BatchProgress, runBatch } from "./batch.ts";

/** Something that is to be removed from a host. */
export interface Removal {
  /** Unique over all hosts. */
  readonly key: string;
  readonly name: string;
  readonly environment: Environment;
  /** What else goes with it, such as further names. */
  readonly detail?: string;
  /** Why it cannot be; it is left out. */
  blocked(force: boolean): string | undefined;
  run(force: boolean): Promise<unknown>;
}

export interface RemoveDialogProps {
  /** Undefined: closed. */
  readonly removals: readonly Removal[] | undefined;
  /** "image". */
  readonly noun: string;
  /** What it means. */
  readonly warning: string;
  /** With it there is a box to tick. */
  readonly force?: { readonly label: string; readonly description: string };
  readonly onClose: () => void;
  /** Told when something was removed. */
  readonly onRemoved: (removed: readonly Removal[]) => void;
}

/** Says what goes, does it, and tells what failed. */
export function RemoveDialog({ removals, noun, onClose, ...props }: RemoveDialogProps): ReactNode {
  const [busy, setBusy] = useState(false);
  const title = removals === undefined ? "" : `Remove ${removals.length === 1 ? noun : count(removals.length, noun)}`;
  return (
    <Modal opened={removals !== undefined} onClose={onClose} title={title} size="lg" closeOnClickOutside={!busy}>
      {removals && <Body {...props} removals={removals} noun={noun} onClose={onClose} busy={busy} setBusy={setBusy} />}
    </Modal>
  );
}

interface BodyProps extends RemoveDialogProps {
  readonly removals: readonly Removal[];
  readonly busy: boolean;
  readonly setBusy: (busy: boolean) => void;
}

function Body({ removals, noun, warning, force, onClose, onRemoved, busy, setBusy }: BodyProps): ReactNode {
  const [forced, setForced] = useState(false);
  const [progress, setProgress] = useState<BatchProgress>();
  const going = removals.filter((removal) => removal.blocked(forced) === undefined);
  const failed = progress === undefined ? 0 : [...progress.values()].filter(({ state }) => state === "failed").length;
  const done = progress === undefined ? 0 : [...progress.values()].filter(({ state }) => state === "done").length;
  const finished = progress !== undefined && !busy;
  const run = async (): Promise<void> => {
    setBusy(true);
    const end = await runBatch(going, (removal) => removal.run(forced), setProgress);
    setBusy(false);
    const removed = going.filter(({ key }) => end.get(key)?.state === "done");
    if (removed.length > 0) onRemoved(removed);
    if (removed.length === removals.length) onClose();
  };
  return (
    <Stack gap="md">
      <Text fz="sm">{warning}</Text>
      <ul className="fl-plain-list fl-scroll-list" tabIndex={0} aria-label={`What is removed`}>
        {removals.map((removal) => {
          const reason = progress?.has(removal.key) ? undefined : removal.blocked(forced);
          const state = progress?.get(removal.key);
          return (
            <li key={removal.key} data-off={reason !== undefined}>
              <Stack gap={0} miw={0} style={{ flex: 1 }}>
                <Text fz="sm" fw={550} style={{ overflowWrap: "anywhere" }}>
                  {removal.name}{" "}
                  <Text span c="dimmed" fw={400}>
                    on {removal.environment.name}
                  </Text>
                </Text>
                {removal.detail !== undefined && (
                  <Text fz="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                    {removal.detail}
                  </Text>
                )}
                {reason !== undefined && (
                  <Text fz="xs" className="fl-text-warn">
                    Stays: {reason}
                  </Text>
                )}
                <BatchFailure state={state} />
              </Stack>
              <BatchMark state={state} />
            </li>
          );
        })}
      </ul>
      {force && progress === undefined && (
        <Checkbox
          label={force.label}
          description={force.description}
          checked={forced}
          onChange={(event) => setForced(event.currentTarget.checked)}
        />
      )}
      <Group justify="space-between" gap="xs">
        <Text fz="sm" role="status">
          {progress !== undefined && `${done} removed${failed > 0 ? `, ${failed} failed` : ""}`}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            {finished ? "Close" : busy ? "Leave it to go on" : "Cancel"}
          </Button>
          {!finished && (
            <Button color="red.9" onClick={() => void run()} loading={busy} disabled={going.length === 0}>
              {going.length === 0 ? "Nothing can be removed" : `Remove ${count(going.length, noun)}`}
            </Button>
          )}
        </Group>
      </Group>
    </Stack>
  );
}
