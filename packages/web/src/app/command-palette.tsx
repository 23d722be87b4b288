import { Group, Kbd, Modal, ScrollArea, Text, TextInput, VisuallyHidden } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { type KeyboardEvent, type ReactNode, useDeferredValue, useEffect, useId, useMemo, useState } from "react";
import { type Command, rankCommands } from "./commands.ts";
import { closePalette } from "./palette.tsx";
import { useCommands } from "./use-commands.ts";

/** A word leads to every page, host, container and action. */
export function CommandPalette(): ReactNode {
  return (
    <Modal
      opened
      onClose={closePalette}
      withCloseButton={false}
      title={<VisuallyHidden>Search</VisuallyHidden>}
      styles={{ header: { minHeight: 0, padding: 0 } }}
      size="lg"
      padding={0}
      yOffset="10vh"
      centered={false}
    >
      <Palette />
    </Modal>
  );
}

/** More than these nobody reads; another letter narrows them. */
const MAX_SHOWN = 40;

function Palette(): ReactNode {
  const [text, setText] = useState("");
  const asked = useDeferredValue(text);
  const commands = useCommands();
  const found = useMemo(() => rankCommands(commands, asked, MAX_SHOWN), [commands, asked]);
  const [chosen, setChosen] = useState(0);
  const list = useId();
  const router = useRouter();
  useEffect(() => setChosen(0), [asked]);
  // Back, for one, leaves it behind.
  useEffect(() => router.history.subscribe(closePalette), [router]);
  useEffect(() => {
    document.getElementById(`${list}-${chosen}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen, list]);

  const run = (command: Command | undefined): void => {
    if (!command) return;
    closePalette();
    if (command.to !== undefined) router.history.push(command.to);
    else command.run?.();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setChosen((now) => Math.max(0, Math.min(found.length - 1, now + step)));
    } else if (event.key === "Enter") {
      // Who types fast means what is typed, not what is shown yet.
      run(asked === text ? found[chosen] : rankCommands(commands, text, 1)[0]);
    }
  };
  return (
    <>
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        leftSection={<IconSearch size={18} aria-hidden />}
        rightSection={<Kbd size="xs">Esc</Kbd>}
        rightSectionWidth={48}
        placeholder="A host, container, page or action"
        aria-label="A host, container, page or action"
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={found.length > 0 ? `${list}-${chosen}` : undefined}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        px="xs"
      />
      <ScrollArea.Autosize mah="55vh" viewportProps={{ tabIndex: 0 }}>
        <div
          role="listbox"
          id={list}
          aria-label="What was found"
          style={{ borderTop: "1px solid var(--fl-line)", padding: 6 }}
        >
          {found.map((command, index) => (
            // Keys go to the field; this is for who points.
            <div
              key={command.id}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === chosen}
              className="fl-nav-link"
              data-status={index === chosen ? "active" : undefined}
              style={{ cursor: "pointer" }}
              onMouseMove={() => setChosen(index)}
              onClick={() => run(command)}
            >
              <Group justify="space-between" wrap="nowrap" w="100%" gap="sm">
                <Text span fz="sm" className="ellipsis">
                  {command.label}
                </Text>
                <Text span fz="xs" c="dimmed" className="ellipsis" style={{ flex: "none" }}>
                  {command.detail}
                </Text>
              </Group>
            </div>
          ))}
        </div>
        {found.length === 0 && (
          <Text c="dimmed" p="md" ta="center">
            Nothing is called so. Hosts and containers are found by any part of their names.
          </Text>
        )}
      </ScrollArea.Autosize>
    </>
  );
}
