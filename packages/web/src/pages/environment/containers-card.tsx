import { Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { useContainers } from "../../hub/containers.ts";
import { Age } from "../../ui/age.tsx";
import type { Tone } from "../../ui/tone.ts";
import { countContainers, countsOfEngine } from "../fleet/container-counts.ts";
import { InfoCard } from "./info-card.tsx";

/** Containers of a host by state, each number a link to those that it counts. */
export function ContainersCard({ environment }: { readonly environment: Environment }): ReactNode {
  const { rows, ages } = useContainers();
  const { id, name, engine, snapshotAt } = environment;
  const counts = useMemo(() => {
    const age = ages.get(id);
    const own = { rows: rows.filter((row) => row.environmentId === id), ages: new Map(age ? [[id, age]] : []) };
    return countContainers(own).get(id) ?? countsOfEngine(environment);
  }, [rows, ages, id, environment]);
  if (counts === undefined) {
    return (
      <InfoCard title="Containers">
        <Text fz="sm" c="dimmed">
          Nothing is known of its containers yet.
        </Text>
      </InfoCard>
    );
  }
  const lines: readonly (readonly [label: string, number: number, term: string, tone: Tone])[] = [
    ["running", counts.running, "state:running", "good"],
    ["unhealthy", counts.unhealthy.length, "health:unhealthy", "bad"],
    ["restarting", counts.restarting.length, "state:restarting", "warn"],
    ["paused", counts.paused, "state:paused", "warn"],
    ["stopped", counts.stopped, "state:exited,created,dead", "idle"],
  ];
  return (
    <InfoCard
      title="Containers"
      {...(engine.state !== "up" && {
        aside: (
          <>
            as of <Age at={snapshotAt} fallback="long ago" />
          </>
        ),
      })}
    >
      <Stack gap="xs">
        {lines
          .filter(([label, number]) => number > 0 || label === "running" || label === "stopped")
          .map(([label, number, term, tone]) => (
            <Link key={label} to="/containers" search={{ q: `host:${name} ${term}` }} className="fl-count">
              <span className="fl-dot" data-tone={engine.state === "up" ? tone : "idle"} aria-hidden />
              <Text span fz="inherit" fw={600} className="tabular" miw={24} ta="right">
                {number}
              </Text>
              {label}
            </Link>
          ))}
        <Link to="/containers" search={{ q: `host:${name}` }} className="fl-link" style={{ padding: "2px 6px" }}>
          All containers of {name}
        </Link>
      </Stack>
    </InfoCard>
  );
}
