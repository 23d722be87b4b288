import { ActionIcon, Anchor, Code, Group, Popover, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconFilter, IconHelp, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";

export interface FilterFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder: string;
  /** Filters that show what can be written, with what they find. */
  readonly examples: readonly (readonly [filter: string, finds: string])[];
}

/** A field for the filter language, with what it can do behind the question mark. */
export function FilterField({ label, value, onChange, placeholder, examples }: FilterFieldProps): ReactNode {
  return (
    <TextInput
      aria-label={label}
      type="search"
      className="fl-filter"
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      leftSection={<IconFilter size={16} aria-hidden />}
      rightSectionWidth={value === "" ? 36 : 64}
      rightSection={
        <Group gap={2} wrap="nowrap">
          {value !== "" && (
            <ActionIcon variant="subtle" color="gray" aria-label="Clear the filter" onClick={() => onChange("")}>
              <IconX size={16} aria-hidden />
            </ActionIcon>
          )}
          <Popover width={380} position="bottom-end" withArrow trapFocus returnFocus>
            <Popover.Target>
              <ActionIcon variant="subtle" color="gray" aria-label="What can be written here">
                <IconHelp size={16} aria-hidden />
              </ActionIcon>
            </Popover.Target>
            <Popover.Dropdown maw="94vw">
              <Hints examples={examples} onTry={onChange} />
            </Popover.Dropdown>
          </Popover>
        </Group>
      }
    />
  );
}

function Hints({
  examples,
  onTry,
}: Pick<FilterFieldProps, "examples"> & { readonly onTry: (filter: string) => void }): ReactNode {
  return (
    <Stack gap="xs">
      <Text fz="sm">
        Words stand anywhere; all must hold. <Code>-</Code> before one turns it round, <Code>*</Code> stands for
        anything, <Code>a,b</Code> for either, quotes keep spaces together.
      </Text>
      <Table verticalSpacing={3} horizontalSpacing="xs" withRowBorders={false}>
        <Table.Tbody>
          {examples.map(([filter, finds]) => (
            <Table.Tr key={filter}>
              <Table.Td>
                <Anchor component="button" type="button" fz="sm" className="mono" onClick={() => onTry(filter)}>
                  {filter}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <Text fz="sm" c="dimmed">
                  {finds}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
