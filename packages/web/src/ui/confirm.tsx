import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { Store, useStore } from "../hub/store.ts";

export interface Question {
  readonly title: string;
  /** What will happen, and to what, exactly. */
  readonly body: ReactNode;
  /** What the button says: the verb, with how many. */
  readonly action: string;
  /** It destroys something. Default true. */
  readonly danger?: boolean;
  /** To be typed before it can be done, where a slip costs a lot. */
  readonly typed?: string;
}

interface OpenQuestion extends Question {
  readonly answer: (yes: boolean) => void;
}

const open = new Store<OpenQuestion | null>(null);

/** Asks before something is done. Resolves true when the person says so. */
export function confirm(question: Question): Promise<boolean> {
  open.value?.answer(false);
  return new Promise((resolve) => {
    open.set({
      ...question,
      answer: (yes) => {
        open.set(null);
        resolve(yes);
      },
    });
  });
}

/** Where questions show; once in the page. */
export function ConfirmDialog(): ReactNode {
  const question = useStore(open);
  return (
    <Modal opened={question !== null} onClose={() => question?.answer(false)} title={question?.title} size="md">
      {question && <Body key={question.title} question={question} />}
    </Modal>
  );
}

function Body({ question: { body, action, danger = true, typed, answer } }: { question: OpenQuestion }): ReactNode {
  const [text, setText] = useState("");
  const ready = typed === undefined || text === typed;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) answer(true);
      }}
    >
      <Stack gap="md">
        <div>{body}</div>
        {typed !== undefined && (
          <TextInput
            label={`Type ${typed} to go on`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => answer(false)} data-autofocus>
            Cancel
          </Button>
          <Button type="submit" color={danger ? "red.9" : "sea"} disabled={!ready}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
