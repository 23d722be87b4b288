import { Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconBox } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { count } from "../../ui/format.ts";
import type { Tone } from "../../ui/tone.ts";
import { type FleetRow, hasTerm, toggleTerm } from "./fleet-row.ts";

export interface FleetSummaryProps {
  readonly rows: readonly FleetRow[];
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
}

interface Part {
  readonly term: string;
  readonly tone: Tone;
  readonly number: number;
  readonly word: string;
}

/** The fleet in one line: how many hosts are how, what runs, what is wrong. Each number shows only what it counts. */
export function FleetSummary({ rows, filter, onFilter }: FleetSummaryProps): ReactNode {
  const hosts = (...names: FleetRow["state"]["name"][]): number =>
    rows.filter(({ state }) => names.includes(state.name)).length;
  const parts: readonly Part[] = [
    { term: "state:up", tone: "good", number: hosts("up"), word: "up" },
    { term: "state:down", tone: "bad", number: hosts("not-connected", "engine-down"), word: "down" },
    { term: "state:checking,unchecked", tone: "warn", number: hosts("checking", "unchecked"), word: "not known yet" },
    { term: "state:never-joined", tone: "idle", number: hosts("never-joined"), word: "never joined" },
  ];
  const running = rows.reduce((sum, { counts, state }) => sum + (state.name === "up" ? (counts?.running ?? 0) : 0), 0);
  const alerts = rows.reduce((sum, row) => sum + row.alerts.length, 0);
  const toggle = (term: string) => ({
    type: "button" as const,
    className: "fl-count",
    "aria-pressed": hasTerm(filter, term),
    onClick: () => onFilter(toggleTerm(filter, term)),
  });
  return (
    <Group gap="xs" role="group" aria-label="The fleet in numbers">
      <Text span fz="sm" fw={550} mr="xs">
        {count(rows.length, "host")}
      </Text>
      {parts
        .filter(({ number, word }) => number > 0 || word === "up")
        .map(({ term, tone, number, word }) => (
          <button key={term} {...toggle(term)}>
            <span className="fl-dot" data-tone={tone} aria-hidden />
            {number} {word}
          </button>
        ))}
      <Link to="/containers" search={{ q: "state:running" }} className="fl-count" title="Show them">
        <IconBox size={15} aria-hidden />
        {count(running, "container")} running
      </Link>
      {alerts > 0 ? (
        <button {...toggle("alert:*")}>
          <IconAlertTriangle size={15} aria-hidden className="fl-text-bad" />
          {count(alerts, "alert")}
        </button>
      ) : (
        <Text span fz="sm" c="dimmed" px="xs">
          No alerts
        </Text>
      )}
    </Group>
  );
}
