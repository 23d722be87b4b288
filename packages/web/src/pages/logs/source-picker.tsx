import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useDeferredValue, useMemo, useState } from "react";
import { stackOf, toneOf } from "../../docker/container-state.ts";
import { matchesFilter, parseFilter } from "../../filter/filter.ts";
import { type ContainerRow, type ContainersState, containers, useContainers } from "../../hub/containers.ts";
import { useStore } from "../../hub/store.ts";
import { type DataColumn, DataTable } from "../../ui/data-table.tsx";
import { count } from "../../ui/format.ts";
import { toggled } from "../../ui/selection.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import { MAX_SOURCES } from "./source-address.ts";

const FIELDS = ["name", "host", "stack", "state", "image"];

const COLUMNS: readonly DataColumn<ContainerRow>[] = [
  { id: "name", header: "Container", cell: ({ name }) => name, sort: ({ name }) => name, grow: 2 },
  {
    id: "host",
    header: "Host",
    cell: ({ environmentName }) => environmentName,
    sort: ({ environmentName }) => environmentName,
  },
  {
    id: "stack",
    header: "Stack",
    cell: ({ container }) => stackOf(container.Labels ?? {}) ?? "",
    sort: ({ container }) => stackOf(container.Labels ?? {}) ?? "",
    wideOnly: true,
  },
  {
    id: "state",
    header: "State",
    cell: (row) => <StateCell row={row} />,
    sort: ({ container }) => container.State,
    width: 110,
  },
];

export interface SourcePickerProps {
  readonly opened: boolean;
  /** Keys of containers whose logs are open. */
  readonly chosen: ReadonlySet<string>;
  readonly onClose: () => void;
  readonly onChoose: (rows: readonly ContainerRow[]) => void;
}

/** Containers of all hosts, to choose whose logs are read together. */
export function SourcePicker({ opened, onClose, ...props }: SourcePickerProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title="Containers whose logs are read" size="xl">
      <Body onClose={onClose} {...props} />
    </Modal>
  );
}

function Body({ chosen, onClose, onChoose }: Omit<SourcePickerProps, "opened">): ReactNode {
  const { rows } = useContainers();
  const [text, setText] = useState("");
  const [ticked, setTicked] = useState(chosen);
  const asked = useDeferredValue(text);
  const found = useMemo(() => {
    const filter = parseFilter(asked, FIELDS);
    return rows.filter((row) => matchesFilter(filter, subject(row)));
  }, [rows, asked]);
  const isOver = ticked.size > MAX_SOURCES;
  return (
    <Stack gap="sm" h="65vh">
      <TextInput
        data-autofocus
        leftSection={<IconSearch size={15} aria-hidden />}
        label="Filter"
        description="Words of names, and stack:shop, host:attic, state:running, image:*nginx*."
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <DataTable
        label="Containers"
        rows={found}
        columns={COLUMNS}
        rowKey={({ key }) => key}
        rowLabel={({ name, environmentName }) => `${name} on ${environmentName}`}
        defaultSort={{ id: "name" }}
        selection={ticked}
        // Ticking all rows ticks those that are found; others stay.
        onSelect={(keys) => setTicked(keys.size === 0 ? new Set() : keys)}
        onOpen={({ key }) => setTicked((before) => toggled(before, key))}
        empty={
          <Text c="dimmed" p="md">
            No container is found by this filter.
          </Text>
        }
      />
      {isOver && (
        <Alert color="red" variant="light" role="alert">
          {count(ticked.size, "container")} are ticked. At most {MAX_SOURCES} logs are read together: narrow the filter
          and tick fewer.
        </Alert>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={isOver}
          onClick={() => {
            onChoose(rows.filter(({ key }) => ticked.has(key)));
            onClose();
          }}
        >
          Read {count(ticked.size, "log")}
        </Button>
      </Group>
    </Stack>
  );
}

/** A host that is away last told this; its logs are read when it is back. */
function StateCell({ row: { environmentId, container } }: { readonly row: ContainerRow }): ReactNode {
  const age = useStore(containers.store, ({ ages }: ContainersState) => ages.get(environmentId));
  if (age?.live !== false) return <StateMark tone={toneOf(container)}>{container.State}</StateMark>;
  return (
    <StateMark tone="idle" title={`${container.State} when its host was last seen`}>
      host away
    </StateMark>
  );
}

function subject({ name, environmentName, container }: ContainerRow) {
  const stack = stackOf(container.Labels ?? {}) ?? "";
  const fields: Readonly<Record<string, string>> = {
    name,
    host: environmentName,
    stack,
    state: container.State,
    image: container.Image,
  };
  return { text: `${name} ${environmentName} ${stack} ${container.Image}`, field: (field: string) => fields[field] };
}
