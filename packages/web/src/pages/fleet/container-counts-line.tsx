import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Age } from "../../ui/age.tsx";
import type { FleetRow } from "./fleet-row.ts";

/** Containers of a host by state; what is not as of now says of when it is. */
export function ContainerCountsLine({ row }: { readonly row: FleetRow }): ReactNode {
  const { counts, environment, state } = row;
  if (counts === undefined) {
    return (
      <Text span fz="inherit" c="dimmed">
        not known
      </Text>
    );
  }
  const rest: readonly (readonly [number, string])[] = [
    [counts.unhealthy.length, "unhealthy"],
    [counts.paused, "paused"],
    [counts.restarting.length, "restarting"],
    [counts.stopped, "stopped"],
  ];
  const told = rest.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`);
  return (
    <div className="ellipsis">
      <div>
        <Text span fz="inherit" className="tabular" fw={550}>
          {counts.running}
        </Text>{" "}
        running
      </div>
      <Text fz="xs" c="dimmed" className="ellipsis" title={told.join(", ")}>
        {state.name === "up" ? (
          told.join(", ")
        ) : (
          <>
            as of <Age at={environment.snapshotAt} fallback="long ago" />
          </>
        )}
      </Text>
    </div>
  );
}
