import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { hub } from "../../../hub/client.ts";
import { useEnvironments } from "../../../hub/environments.ts";
import { type BindingDraft, draftProblem, newDraft } from "./binding-draft.ts";

const SCOPES = [
  { value: "all", label: "everywhere" },
  { value: "label", label: "by label" },
  { value: "environment", label: "on one host" },
];

export interface BindingsEditorProps {
  readonly value: readonly BindingDraft[];
  readonly onChange: (value: readonly BindingDraft[]) => void;
  /** Problems are shown once something was tried. */
  readonly tried: boolean;
  /** Said when there is none. */
  readonly none: string;
}

/** Roles and where they hold. */
export function BindingsEditor({ value, onChange, tried, none }: BindingsEditorProps): ReactNode {
  const roles = useQuery({ queryKey: ["roles"], queryFn: ({ signal }) => hub.listRoles(signal) });
  const { list } = useEnvironments();
  const set = (key: number, change: Partial<BindingDraft>): void =>
    onChange(value.map((draft) => (draft.key === key ? { ...draft, ...change } : draft)));
  return (
    <Stack gap="xs">
      {value.length === 0 && <Text c="dimmed">{none}</Text>}
      {value.map((draft, index) => {
        const problem = tried ? draftProblem(draft) : undefined;
        const nth = `${index + 1}`;
        return (
          <Group key={draft.key} gap="xs" align="flex-start">
            <Select
              aria-label={`Role ${nth}`}
              w={140}
              allowDeselect={false}
              value={draft.role}
              data={(roles.data ?? []).map(({ name }) => name)}
              onChange={(role) => role !== null && set(draft.key, { role })}
            />
            <Select
              aria-label={`Where role ${nth} holds`}
              w={130}
              allowDeselect={false}
              value={draft.type}
              data={SCOPES}
              onChange={(type) => set(draft.key, { type: (type ?? "all") as BindingDraft["type"] })}
            />
            {draft.type === "label" && (
              <TextInput
                aria-label={`Label of role ${nth}`}
                placeholder="site=attic"
                w={160}
                value={draft.label}
                error={problem}
                onChange={(event) => set(draft.key, { label: event.currentTarget.value })}
              />
            )}
            {draft.type === "environment" && (
              <Select
                aria-label={`Host of role ${nth}`}
                placeholder="Host"
                w={160}
                searchable
                value={draft.environmentId}
                error={problem}
                data={list.map(({ id, name }) => ({ value: String(id), label: name }))}
                onChange={(environmentId) => set(draft.key, { environmentId })}
              />
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Take role ${nth} away`}
              onClick={() => onChange(value.filter(({ key }) => key !== draft.key))}
            >
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Group>
        );
      })}
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => onChange([...value, newDraft()])}
        >
          Add a role
        </Button>
      </Group>
    </Stack>
  );
}
