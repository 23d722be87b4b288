import { Box, Group } from "@mantine/core";
import type { ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";

/** Lines to paste somewhere, with a button that copies them. */
export function CodeLines({ text, what }: { text: string; what: string }): ReactNode {
  return (
    <Group
      className="fl-card"
      wrap="nowrap"
      align="flex-start"
      gap="xs"
      p="xs"
      style={{ background: "var(--fl-ground)" }}
    >
      <Box
        component="pre"
        className="mono"
        m={0}
        tabIndex={0}
        aria-label={what}
        style={{ flex: 1, overflow: "auto", whiteSpace: "pre" }}
      >
        {text}
      </Box>
      <CopyButton text={text} what={what} />
    </Group>
  );
}
