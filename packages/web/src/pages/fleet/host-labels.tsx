import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { hasTerm, labelTerm } from "./fleet-row.ts";

export interface HostLabelsProps {
  readonly labels: Readonly<Record<string, string>>;
  readonly filter: string;
  readonly onToggle: (term: string) => void;
  /** More are told by their number. */
  readonly max: number;
}

/** Labels as chips: a click filters by one, another lets go of it. */
export function HostLabels({ labels, filter, onToggle, max }: HostLabelsProps): ReactNode {
  const pairs = Object.entries(labels);
  if (pairs.length === 0) return null;
  const more = pairs.slice(max).map(([name, value]) => `${name}=${value}`);
  return (
    <Group gap={4} wrap="nowrap" miw={0}>
      {pairs.slice(0, max).map(([name, value]) => {
        const term = labelTerm(name, value);
        const isOn = hasTerm(filter, term);
        return (
          <button
            key={name}
            type="button"
            className="fl-label ellipsis"
            aria-pressed={isOn}
            title={isOn ? `Do not filter by ${name}=${value}` : `Show only hosts with ${name}=${value}`}
            onClick={() => onToggle(term)}
          >
            {name}={value}
          </button>
        );
      })}
      {more.length > 0 && (
        <Text span fz="xs" c="dimmed" title={more.join(", ")} style={{ flex: "none" }}>
          +{more.length}
        </Text>
      )}
    </Group>
  );
}
