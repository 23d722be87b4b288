import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Properties } from "../../ui/properties.tsx";

/** Labels or options, by name. */
export function KeyValues({
  values,
  none,
}: {
  readonly values: Readonly<Record<string, string>> | null | undefined;
  readonly none: string;
}): ReactNode {
  const entries = Object.entries(values ?? {}).sort(([a], [b]) => a.localeCompare(b));
  if (entries.length === 0)
    return (
      <Text c="dimmed" fz="sm">
        {none}
      </Text>
    );
  return (
    <Properties
      items={entries.map(([name, value]) => [
        name,
        <span key={name} className="mono">
          {value === "" ? "(empty)" : value}
        </span>,
      ])}
    />
  );
}

/** What the filter language takes labels for: `name=value` each. */
export function labelTexts(labels: Readonly<Record<string, string>> | null | undefined): readonly string[] {
  return Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`);
}
