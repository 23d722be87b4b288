import { Box, Skeleton } from "@mantine/core";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef, useState } from "react";
import type { CodeLanguage } from "./code-language.ts";
import type { CodeHandle } from "./code-mirror.ts";
import { ErrorNote } from "./error-note.tsx";

export interface CodeEditorHandle {
  openSearch(): void;
}

export interface CodeEditorProps {
  readonly value: string;
  /** Names it for a screen reader. */
  readonly label: string;
  readonly language?: CodeLanguage;
  /** Absent: to be read only. */
  readonly onChange?: (text: string) => void;
  /** Shows how `value` differs from this. */
  readonly original?: string;
  readonly handle?: Ref<CodeEditorHandle>;
}

/** Code to read or to write, with line numbers, folding and search (Ctrl F). Fills the height that it is given. */
export function CodeEditor(props: CodeEditorProps): ReactNode {
  const { value, label, language = "text", original } = props;
  const parent = useRef<HTMLDivElement>(null);
  const code = useRef<CodeHandle>(undefined);
  const latest = useRef(props);
  const [state, setState] = useState<"loading" | "ready" | { readonly error: unknown }>("loading");
  const isWritable = props.onChange !== undefined;
  useEffect(() => {
    latest.current = props;
  });
  useImperativeHandle(props.handle, () => ({ openSearch: () => code.current?.search() }), []);

  useEffect(() => {
    let isGone = false;
    const start = async (): Promise<void> => {
      const { createCode } = await import("./code-mirror.ts");
      if (isGone || !parent.current) return;
      const created = await createCode(parent.current, {
        text: latest.current.value,
        label,
        language,
        ...(isWritable ? { onChange: (text) => latest.current.onChange?.(text) } : {}),
        ...(original === undefined ? {} : { original }),
      });
      if (isGone) {
        created.destroy();
        return;
      }
      code.current = created;
      created.setText(latest.current.value);
      setState("ready");
    };
    start().catch((error: unknown) => setState({ error }));
    return () => {
      isGone = true;
      code.current?.destroy();
      code.current = undefined;
    };
  }, [label, language, isWritable, original]);
  useEffect(() => code.current?.setText(value), [value]);

  return (
    <Box className="fl-card" pos="relative" h="100%" mih={120} style={{ overflow: "hidden" }}>
      <div ref={parent} style={{ height: "100%" }} />
      {state === "loading" && <Skeleton pos="absolute" inset={0} radius={0} />}
      {typeof state === "object" && <ErrorNote error={state.error} title="The editor cannot be loaded" />}
    </Box>
  );
}
