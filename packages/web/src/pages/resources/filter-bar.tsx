import { Button, Group, Select, Text, TextInput } from "@mantine/core";
import { IconFilter, IconServer2 } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { parseFilter, withTerm } from "../../filter/filter.ts";
import type { SelectedHosts } from "./selected-hosts.ts";

/** A filter that people want often: a term that is switched on and off. */
export interface QuickFilter {
  readonly label: string;
  readonly field: string;
  readonly value: string;
}

export interface FilterBarProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly fields: readonly string[];
  readonly quick: readonly QuickFilter[];
  readonly hosts: SelectedHosts;
  /** "12 of 40 images". */
  readonly counted: string;
  /** At the right end. */
  readonly children?: ReactNode;
}

/** Which host, which rows, and how many that are. */
export function FilterBar(props: FilterBarProps): ReactNode {
  const { text, onText, fields, quick, hosts, counted, children } = props;
  const terms = parseFilter(text, fields);
  const names = hosts.all.map(({ name }) => name);
  // A host that is not there any more is still what the address asks for.
  const options = hosts.name === "" || names.includes(hosts.name) ? names : [...names, hosts.name];
  return (
    <Group gap="xs" style={{ flex: "none" }}>
      <TextInput
        aria-label="Filter"
        placeholder={`Words, or ${fields[0]}:value, -not, a*`}
        leftSection={<IconFilter size={15} aria-hidden />}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        style={{ flex: "1 1 220px", maxWidth: 420 }}
        title={`Words must all be there. Fields: ${fields.join(", ")}. -word turns round, * stands for anything, a,b for either.`}
      />
      <Select
        aria-label="Host"
        leftSection={<IconServer2 size={15} aria-hidden />}
        placeholder="All hosts"
        data={options}
        value={hosts.name === "" ? null : hosts.name}
        onChange={(name) => hosts.select(name ?? "")}
        searchable
        clearable
        clearButtonProps={{ "aria-label": "All hosts" }}
        style={{ flex: "0 1 190px" }}
      />
      {quick.map(({ label, field, value }) => {
        const on = terms.some((term) => term.field === field && !term.negated && term.values.join() === value);
        return (
          <Button
            key={label}
            size="xs"
            variant={on ? "light" : "default"}
            aria-pressed={on}
            onClick={() => onText(withTerm(text, fields, field, on ? null : value))}
          >
            {label}
          </Button>
        );
      })}
      <Group gap="sm" ml="auto">
        <Text span fz="xs" className="tabular" role="status">
          {counted}
        </Text>
        {children}
      </Group>
    </Group>
  );
}
