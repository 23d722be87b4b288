import { Alert, Box, Button, Checkbox, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { ContainerInspect } from "../../../docker/container-inspect.ts";
import { CodeEditor } from "../../../ui/code-editor.tsx";
import { ErrorNote } from "../../../ui/error-note.tsx";
import type { CreateBody } from "./create-body.ts";
import { parseBody } from "./parse-body.ts";
import { RecreateFields } from "./recreate-fields.tsx";
import { applyForm, formOf } from "./recreate-form.ts";
import { recreateNotes } from "./recreate-refusal.ts";

interface RecreateEditorProps {
  readonly inspect: ContainerInspect;
  /** False: nothing could be left to the image. */
  readonly imageKnown: boolean;
  readonly initial: { readonly body: CreateBody; readonly pull: boolean };
  readonly onCancel: () => void;
  readonly onPreview: (body: CreateBody, pull: boolean) => void;
}

/** The configuration as fields for what is common, or all of it as JSON; both are of one body. */
export function RecreateEditor({ inspect, imageKnown, initial, onCancel, onPreview }: RecreateEditorProps): ReactNode {
  const [view, setView] = useState("fields");
  const [body, setBody] = useState(initial.body);
  const [form, setForm] = useState(() => formOf(initial.body));
  const [text, setText] = useState("");
  const [pull, setPull] = useState(initial.pull);
  const [error, setError] = useState<unknown>();
  const applied = applyForm(body, form);
  const hasErrors = view === "fields" && Object.keys(applied.errors).length > 0;

  /** The body as it is edited now. @throws Error for a text that is none. */
  const current = (): CreateBody => (view === "fields" ? applied.body : parseBody(text));
  const attempt = (run: (now: CreateBody) => void): void => {
    try {
      setError(undefined);
      run(current());
    } catch (failure) {
      setError(failure);
    }
  };
  const change = (next: string): void => {
    attempt((now) => {
      setBody(now);
      setForm(formOf(now));
      setText(JSON.stringify(now, null, 2));
      setView(next);
    });
  };
  const notes = [
    ...recreateNotes(inspect),
    ...(imageKnown
      ? []
      : [
          "The image that it was made from is not there any more: what it brought (variables, command, labels) cannot be told from what was set, so all of it stays set.",
        ]),
  ];
  return (
    <Stack gap="md">
      {notes.map((note) => (
        <Alert key={note} color="orange" variant="light" icon={<IconInfoCircle aria-hidden />}>
          {note}
        </Alert>
      ))}
      <SegmentedControl
        aria-label="How it is edited"
        data={[
          { value: "fields", label: "Common parts" },
          { value: "json", label: "All of it, as JSON" },
        ]}
        value={view}
        onChange={(next) => {
          if (!hasErrors) change(next);
        }}
      />
      {view === "fields" ? (
        <RecreateFields form={form} errors={applied.errors} onChange={setForm} />
      ) : (
        <Box h="46vh">
          <CodeEditor value={text} onChange={setText} label="The body of the create call" language="json" />
        </Box>
      )}
      <Checkbox
        label="Pull the image first"
        description="For a newer image under the same name, or one that is not on the host yet"
        checked={pull}
        onChange={(event) => setPull(event.currentTarget.checked)}
      />
      {error !== undefined && <ErrorNote error={error} />}
      <Group justify="space-between" gap="xs">
        <Text fz="xs" c="dimmed">
          Nothing is done before you have seen what changes.
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button disabled={hasErrors} onClick={() => attempt((now) => onPreview(now, pull))}>
            See what changes
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
