import { Loader, Text } from "@mantine/core";
import { IconCheck, IconCircleX, IconClock } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { describeError } from "../../ui/error-note.tsx";
import type { BatchState } from "./batch.ts";

/** How one thing of a batch stands, as a mark with its name. */
export function BatchMark({ state }: { readonly state: BatchState | undefined }): ReactNode {
  switch (state?.state) {
    case "running":
      return <Loader size={14} aria-label="Under way" role="img" />;
    case "done":
      return <IconCheck size={16} className="fl-text-good" role="img" aria-label="Done" />;
    case "failed":
      return <IconCircleX size={16} className="fl-text-bad" role="img" aria-label="Failed" />;
    case "waiting":
      return <IconClock size={16} role="img" aria-label="Waiting" style={{ color: "var(--fl-idle)" }} />;
    default:
      return null;
  }
}

/** Why it failed, under its name. */
export function BatchFailure({ state }: { readonly state: BatchState | undefined }): ReactNode {
  if (state?.state !== "failed") return null;
  const { message, code } = describeError(state.error);
  return (
    <Text fz="xs" className="fl-text-bad" style={{ overflowWrap: "anywhere" }}>
      {message} {code !== undefined && `(${code})`}
    </Text>
  );
}
