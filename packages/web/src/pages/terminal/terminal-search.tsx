import { ActionIcon, Group, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useEffect, useState } from "react";
import { useStore } from "../../hub/store.ts";
import type { TerminalSession } from "./terminal-session.ts";

/** Looks for a text in what a terminal shows and has shown. */
export function TerminalSearch({ session, onClose }: { session: TerminalSession; onClose: () => void }): ReactNode {
  const [text, setText] = useState("");
  const { index, count } = useStore(session.found);
  useEffect(() => () => session.find("", "next"), [session]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.preventDefault();
      onClose();
    } else if (event.key === "Enter") {
      event.preventDefault();
      session.find(text, event.shiftKey ? "previous" : "next");
    }
  };
  return (
    <Group gap="xs" wrap="nowrap" role="search" className="fl-terminal-search fl-card" p={4} onKeyDown={onKeyDown}>
      <TextInput
        data-autofocus
        autoFocus
        size="xs"
        w={180}
        placeholder="Search in this terminal"
        aria-label="Search in this terminal"
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          session.find(event.currentTarget.value, "next", true);
        }}
      />
      <Text fz="xs" c="dimmed" miw={58} ta="right" className="tabular" role="status">
        {text === ""
          ? ""
          : count === 0
            ? "none"
            : `${index < 0 ? "?" : index + 1} of ${count >= 1_000 ? "1000+" : count}`}
      </Text>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label="Match before"
        onClick={() => session.find(text, "previous")}
      >
        <IconArrowUp size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label="Next match" onClick={() => session.find(text, "next")}>
        <IconArrowDown size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label="Close the search" onClick={onClose}>
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
