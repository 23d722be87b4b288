import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { count, formatBytes, formatPercent } from "../../ui/format.ts";
import { BatchFailure, BatchMark } from "../resources/batch-mark.tsx";
import type { BatchState } from "../resources/batch.ts";
import { type LayerProgress, type PullProgress, totalProgress } from "./pull-progress.ts";

interface ProgressViewProps {
  readonly name: string;
  readonly progress: PullProgress | undefined;
  readonly state: BatchState | undefined;
  /** Said while nothing is told yet. */
  readonly beginning: string;
}

/** How a pull or load stands on one host: the whole as a bar, its layers when asked for. */
export function ProgressView({ name, progress, state, beginning }: ProgressViewProps): ReactNode {
  const [open, setOpen] = useState(false);
  const total = progress && totalProgress(progress);
  const percent = state?.state === "done" ? 100 : (total?.percent ?? 0);
  const layers = [...(progress?.layers.values() ?? [])];
  return (
    <Stack gap={4} component="section" aria-label={name}>
      <Group gap="sm" wrap="nowrap">
        <BatchMark state={state} />
        <Text fz="sm" fw={600}>
          {name}
        </Text>
        <Text fz="xs" c="dimmed" className="tabular" ml="auto">
          {state?.state === "waiting" && "waits for its turn"}
          {state?.state === "running" &&
            (total === undefined || total.layers === 0
              ? beginning
              : `${formatPercent(percent)} · ${total.done} of ${count(total.layers, "layer")}${
                  total.totalBytes > 0
                    ? ` · ${formatBytes(total.currentBytes)} of ${formatBytes(total.totalBytes)}`
                    : ""
                }`)}
        </Text>
      </Group>
      <Progress
        value={percent}
        size="sm"
        color={state?.state === "failed" ? "red.9" : "sea"}
        aria-label={`Progress on ${name}`}
      />
      <BatchFailure state={state} />
      {state?.state === "done" && progress && progress.notes.length > 0 && (
        <Text fz="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
          {resultOf(progress.notes)}
        </Text>
      )}
      {layers.length > 0 && (
        <Group>
          <Button size="compact-xs" variant="subtle" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? "Hide layers" : "Show layers"}
          </Button>
        </Group>
      )}
      {open && (
        <ul className="fl-plain-list">
          {layers.map((layer) => (
            <Layer key={layer.id} layer={layer} />
          ))}
        </ul>
      )}
    </Stack>
  );
}

/** What came of it: all images that a load tells of, or the last word of a pull. */
function resultOf(notes: readonly string[]): string | undefined {
  const loaded = notes.filter((note) => note.startsWith("Loaded image"));
  return loaded.length > 0 ? loaded.join(", ") : notes.at(-1);
}

function Layer({ layer: { id, status, current, total, fraction } }: { readonly layer: LayerProgress }): ReactNode {
  return (
    <li>
      <Text span className="mono" fz="xs" style={{ width: 104, flex: "none" }}>
        {id}
      </Text>
      <Text span fz="xs" style={{ width: 130, flex: "none" }} className="ellipsis">
        {status}
      </Text>
      <Progress value={fraction * 100} size="xs" style={{ flex: 1 }} aria-label={`Progress of layer ${id}`} />
      <Text
        span
        fz="xs"
        c="dimmed"
        className="tabular"
        ta="right"
        style={{ width: 140, flex: "none" }}
        visibleFrom="sm"
      >
        {current !== undefined && total !== undefined && `${formatBytes(current)} of ${formatBytes(total)}`}
      </Text>
    </li>
  );
}
