import { Textarea } from "@mantine/core";
import type { ReactNode } from "react";
import type { KeyValueLines } from "./key-value-lines.ts";

interface KeyValueFieldProps {
  readonly label: string;
  readonly description: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What `parseKeyValueLines` makes of the value. */
  readonly reading: KeyValueLines;
}

/** Names with values, one a line. */
export function KeyValueField({ reading, onChange, ...props }: KeyValueFieldProps): ReactNode {
  return (
    <Textarea
      {...props}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={reading.ok ? undefined : reading.problem}
      autosize
      minRows={2}
      maxRows={8}
      classNames={{ input: "mono" }}
      spellCheck={false}
    />
  );
}
