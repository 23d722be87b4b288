import { Button, Group, Stack } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useMemo, useRef } from "react";
import { CodeEditor, type CodeEditorHandle } from "./code-editor.tsx";
import { CopyButton } from "./copy-button.tsx";

/** A JSON document to read, with search and folding; the editor's code is loaded when one is shown. Fills the height that it is given. */
export function JsonView({ value, label }: { readonly value: unknown; readonly label: string }): ReactNode {
  const text = useMemo(() => JSON.stringify(value, null, 2), [value]);
  const editor = useRef<CodeEditorHandle>(null);
  return (
    <Stack gap="xs" h="100%" mih={0}>
      <Group gap="xs" justify="flex-end">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconSearch size={15} aria-hidden />}
          onClick={() => editor.current?.openSearch()}
        >
          Search in it
        </Button>
        <CopyButton text={text} what="the JSON" />
      </Group>
      <div style={{ flex: 1, minHeight: 0 }}>
        <CodeEditor value={text} label={label} language="json" handle={editor} />
      </div>
    </Stack>
  );
}
