import { ActionIcon, Group, NumberInput, Text, TextInput, Tooltip } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowUp,
  IconFilter,
  type Icon,
  IconLetterCase,
  IconRegex,
  IconSearch,
} from "@tabler/icons-react";
import type { ReactNode, RefObject } from "react";
import { type Store, useStore } from "../../hub/store.ts";
import { count, formatNumber } from "../../ui/format.ts";
import type { LogFilter } from "./use-log-filter.ts";
import type { LogSnapshot } from "./worker/log-messages.ts";

const matchesOf = (snapshot: LogSnapshot | undefined): number | undefined => snapshot?.matches;
const searchedOf = (snapshot: LogSnapshot | undefined): number => snapshot?.searched ?? 1;

export interface LogSearchProps {
  readonly input: RefObject<HTMLInputElement | null>;
  readonly filter: LogFilter;
  /** What is wrong with the expression. */
  readonly error: string | undefined;
  readonly snapshots: Store<LogSnapshot | undefined>;
  /** The number of the match that is looked at. */
  readonly current: number | undefined;
  readonly onStep: (forward: boolean) => void;
}

/** What is looked for in the lines, how, and the way from match to match. */
export function LogSearch({ input, filter, error, snapshots, current, onStep }: LogSearchProps): ReactNode {
  const { search, context } = filter.filter;
  const matches = useStore(snapshots, matchesOf);
  const searched = useStore(snapshots, searchedOf);
  return (
    <Group gap="xs" wrap="nowrap" style={{ flex: "1 1 340px", minWidth: 0 }}>
      <TextInput
        ref={input}
        size="xs"
        style={{ flex: 1, minWidth: 0 }}
        leftSection={<IconSearch size={14} aria-hidden />}
        placeholder="Find in the lines ( / )"
        aria-label="Find in the lines"
        error={error}
        value={filter.text}
        onChange={(event) => filter.setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onStep(!event.shiftKey);
          else if (event.key === "Escape") filter.setText("");
        }}
        rightSectionWidth={52}
        rightSection={
          <Group gap={0} wrap="nowrap">
            <Toggle
              icon={IconLetterCase}
              label="Match case"
              isOn={search.matchCase}
              onToggle={() => filter.toggle("case")}
            />
            <Toggle
              icon={IconRegex}
              label="Regular expression"
              isOn={search.isRegex}
              onToggle={() => filter.toggle("regex")}
            />
          </Group>
        }
      />
      {matches !== undefined && (
        <>
          <Text fz="xs" c="dimmed" className="tabular" role="status" style={{ whiteSpace: "nowrap" }}>
            {current === undefined || current === 0
              ? count(matches, "match", "matches")
              : `${current} of ${formatNumber(matches)}`}
            {searched < 1 && `, ${Math.floor(searched * 100)} % read`}
          </Text>
          <Group gap={0} wrap="nowrap">
            <Toggle icon={IconArrowUp} label="Previous match (N)" onToggle={() => onStep(false)} />
            <Toggle icon={IconArrowDown} label="Next match (n)" onToggle={() => onStep(true)} />
            <Toggle
              icon={IconFilter}
              label="Only matching lines"
              isOn={context !== undefined}
              onToggle={() => filter.toggle("only")}
            />
          </Group>
          {context !== undefined && (
            <NumberInput
              size="xs"
              w={64}
              min={0}
              max={10}
              clampBehavior="strict"
              aria-label="Lines around each match"
              title="Lines around each match"
              value={filter.contextLines}
              onChange={(value) => filter.setContext(Number(value) || 0)}
            />
          )}
        </>
      )}
    </Group>
  );
}

interface ToggleProps {
  readonly icon: Icon;
  readonly label: string;
  /** Undefined: it is a plain button. */
  readonly isOn?: boolean;
  readonly onToggle: () => void;
}

function Toggle({ icon: IconOf, label, isOn, onToggle }: ToggleProps): ReactNode {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size="sm"
        variant={isOn ? "light" : "subtle"}
        color={isOn ? "sea" : "gray"}
        aria-label={label}
        aria-pressed={isOn}
        onClick={onToggle}
      >
        <IconOf size={15} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
