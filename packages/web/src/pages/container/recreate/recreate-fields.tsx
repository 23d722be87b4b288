import { Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { FormErrors, RecreateForm } from "./recreate-form.ts";

interface RecreateFieldsProps {
  readonly form: RecreateForm;
  readonly errors: FormErrors;
  readonly onChange: (form: RecreateForm) => void;
}

const LINES: readonly (readonly [field: keyof RecreateForm, label: string, description: string])[] = [
  ["env", "Environment variables", "NAME=value, one a line; those of the image come by themselves"],
  ["labels", "Labels", "name=value, one a line"],
  ["ports", "Ports", "8080:80, 127.0.0.1:8080:80/tcp, or :80 for any free port"],
  ["binds", "Volumes and folders of the host", "volume:/path or /folder:/path, :ro to read only"],
  ["networks", "Networks", "One a line; those that stay keep aliases and addresses"],
];

/** The common parts of a configuration; what else it has stays as it is. */
export function RecreateFields({ form, errors, onChange }: RecreateFieldsProps): ReactNode {
  const set = (field: keyof RecreateForm, value: string): void => onChange({ ...form, [field]: value });
  const restarts = ["no", "on-failure", "unless-stopped", "always"];
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <TextInput
          label="Image"
          description="With its tag, such as nginx:1.27"
          value={form.image}
          error={errors.image}
          onChange={(event) => set("image", event.currentTarget.value)}
        />
        <Select
          label="Starts again"
          description="Restart policy"
          data={restarts.includes(form.restart) ? restarts : [...restarts, form.restart]}
          value={form.restart}
          allowDeselect={false}
          onChange={(value) => set("restart", value ?? "no")}
        />
      </SimpleGrid>
      <TextInput
        label="Command"
        description="As in a shell, but nothing is expanded; empty: the image's"
        value={form.command}
        error={errors.command}
        classNames={{ input: "mono" }}
        onChange={(event) => set("command", event.currentTarget.value)}
      />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        {LINES.map(([field, label, description]) => (
          <Textarea
            key={field}
            label={label}
            description={description}
            value={form[field]}
            error={errors[field]}
            autosize
            minRows={2}
            maxRows={7}
            spellCheck={false}
            classNames={{ input: "mono" }}
            onChange={(event) => set(field, event.currentTarget.value)}
          />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
