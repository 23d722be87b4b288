import { Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import type { TerminalSession } from "./terminal-session.ts";

/** Keys that telephones do not have, as a terminal sends them. */
const KEYS: readonly (readonly [label: string, name: string, text: string])[] = [
  ["Esc", "Escape", "\x1b"],
  ["Tab", "Tab", "\t"],
  ["^C", "Control C", "\x03"],
  ["^D", "Control D", "\x04"],
  ["←", "Left", "\x1b[D"],
  ["↑", "Up", "\x1b[A"],
  ["↓", "Down", "\x1b[B"],
  ["→", "Right", "\x1b[C"],
];

export function TerminalKeys({ session }: { readonly session: TerminalSession }): ReactNode {
  return (
    <Group gap={4} wrap="nowrap" hiddenFrom="sm" role="group" aria-label="Keys" grow>
      {KEYS.map(([label, name, text]) => (
        <Button
          key={name}
          size="xs"
          px={0}
          variant="default"
          aria-label={`${label} (${name})`}
          // The soft keyboard stays open.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => session.type(text)}
        >
          {label}
        </Button>
      ))}
    </Group>
  );
}
