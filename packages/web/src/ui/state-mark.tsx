import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Tone } from "./tone.ts";

/** A state as a mark and a word: never by colour alone. */
export function StateMark({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }): ReactNode {
  return (
    <Group gap="xs" wrap="nowrap" title={title} miw={0}>
      <span className="fl-dot" data-tone={tone} aria-hidden />
      <Text span fz="inherit" className="ellipsis">
        {children}
      </Text>
    </Group>
  );
}
