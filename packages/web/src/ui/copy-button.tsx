import { ActionIcon, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { notifyFailed } from "./notify.tsx";

/** Copies a text. `what`: "the join key". */
export function CopyButton({ text, what }: { text: string; what: string }): ReactNode {
  const clipboard = useClipboard({ timeout: 2_000 });
  const copy = (): void => {
    // Pages that are not on https or localhost have no clipboard.
    if (navigator.clipboard === undefined)
      notifyFailed(`Copying ${what}`, "This browser lets pages copy over https only. Mark the text and copy it.");
    else clipboard.copy(text);
  };
  return (
    <Tooltip label={clipboard.copied ? "Copied" : `Copy ${what}`}>
      <ActionIcon variant="subtle" color="gray" aria-label={`Copy ${what}`} onClick={copy}>
        {clipboard.copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
