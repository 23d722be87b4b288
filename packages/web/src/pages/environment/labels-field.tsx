import { TagsInput } from "@mantine/core";
import type { ReactNode } from "react";

export interface LabelsFieldProps {
  /** Each `name=value`. */
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
  readonly error?: string | undefined;
}

/** Labels, one typed after the other. */
export function LabelsField({ value, onChange, error }: LabelsFieldProps): ReactNode {
  return (
    <TagsInput
      label="Labels"
      description="name=value, Enter after each. Roles can be given by them, and lists filtered."
      placeholder={value.length === 0 ? "site=attic" : ""}
      value={[...value]}
      onChange={onChange}
      error={error}
    />
  );
}
