import { Checkbox, Group, Loader, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";
import { Age } from "../../ui/age.tsx";
import { describeError } from "../../ui/error-note.tsx";
import { count, formatBytes } from "../../ui/format.ts";
import { BatchFailure, BatchMark } from "./batch-mark.tsx";
import type { BatchState } from "./batch.ts";
import { listed, type PruneDifference, type PruneOutcome, type PrunePreview } from "./prune-preview.ts";

/** What a prune would do on one host, as far as it is known. */
export interface PrunePlan {
  readonly environment: Environment;
  readonly preview: PrunePreview | undefined;
  readonly problem: Error | string | undefined;
  readonly reading: boolean;
  readonly at: number | undefined;
  /** Sizes are still being measured. */
  readonly measuring: boolean;
}

export interface PruneHostProps {
  readonly plan: PrunePlan;
  readonly noun: string;
  /** It is to be pruned. */
  readonly on: boolean;
  readonly onToggle: (() => void) | undefined;
  readonly state: BatchState | undefined;
  readonly outcome: PruneOutcome | undefined;
  readonly difference: PruneDifference | undefined;
}

/** More lines than these are drawn only when somebody asks for them. */
const MAX_LINES = 200;

/** One host in the prune's dialog: what would go there, then what went. */
export function PruneHost({ plan, noun, on, onToggle, state, outcome, difference }: PruneHostProps): ReactNode {
  const { environment, preview, problem, reading, at, measuring } = plan;
  const items = preview?.items ?? [];
  return (
    <Stack gap={4} component="section" aria-label={environment.name}>
      <Group gap="sm" wrap="nowrap">
        {onToggle && items.length > 0 ? (
          <Checkbox label={environment.name} fw={600} checked={on} onChange={onToggle} />
        ) : (
          <Text fz="sm" fw={600}>
            {environment.name}
          </Text>
        )}
        <BatchMark state={state} />
        <Text fz="xs" c="dimmed" ml="auto" className="tabular">
          {reading ? (
            <Group gap="xs" wrap="nowrap">
              <Loader size={12} aria-hidden /> Reading…
            </Group>
          ) : measuring ? (
            "Sizes are being measured; the prune need not wait for them."
          ) : (
            at !== undefined && (
              <>
                as of <Age at={at} />
              </>
            )
          )}
        </Text>
      </Group>
      {problem !== undefined && preview === undefined && (
        <Text fz="xs" className="fl-text-warn">
          Not pruned: {typeof problem === "string" ? problem : describeError(problem).message}
        </Text>
      )}
      <BatchFailure state={state} />
      {outcome && difference && <Outcome outcome={outcome} difference={difference} noun={noun} />}
      {preview && items.length === 0 && (
        <Text c="dimmed" fz="sm">
          Nothing to prune.
        </Text>
      )}
      {!outcome &&
        preview?.warnings.map((warning) => (
          <Text key={warning} fz="xs" className="fl-text-warn">
            {warning}
          </Text>
        ))}
      {!outcome && (
        <ul className="fl-plain-list">
          {items.slice(0, MAX_LINES).map(({ id, name, detail, bytes, uniqueBytes }) => (
            <li key={id}>
              <Text span fz="sm" style={{ overflowWrap: "anywhere", flex: 1, minWidth: 0 }}>
                {name}{" "}
                <Text span c="dimmed" fz="xs">
                  {detail}
                </Text>
              </Text>
              <Text span fz="xs" className="tabular" style={{ whiteSpace: "nowrap" }}>
                {bytes === undefined ? (
                  ""
                ) : uniqueBytes === undefined || uniqueBytes === bytes ? (
                  formatBytes(bytes)
                ) : (
                  <>
                    {formatBytes(bytes)}, own {formatBytes(uniqueBytes)}
                  </>
                )}
              </Text>
            </li>
          ))}
          {items.length > MAX_LINES && <li>and {count(items.length - MAX_LINES, `more ${noun}`)}</li>}
        </ul>
      )}
    </Stack>
  );
}

function Outcome({
  outcome,
  difference: { stayed, also },
  noun,
}: {
  readonly outcome: PruneOutcome;
  readonly difference: PruneDifference;
  readonly noun: string;
}): ReactNode {
  return (
    <Stack gap={2}>
      <Text fz="sm">
        {stayed.length === 0 && also.length === 0 ? "Removed what was shown" : "Not quite what was shown"}
        {outcome.freedBytes !== undefined && `; ${formatBytes(outcome.freedBytes)} freed`}.
      </Text>
      {stayed.length > 0 && (
        <Text fz="xs" className="fl-text-warn">
          {count(stayed.length, noun)} stayed, which the engine found in use or kept for another reason:{" "}
          {listed(stayed.map(({ name }) => name))}.
        </Text>
      )}
      {also.length > 0 && (
        <Text fz="xs" className="fl-text-warn">
          Gone as well, though not shown: {listed(also)}.
        </Text>
      )}
    </Stack>
  );
}
