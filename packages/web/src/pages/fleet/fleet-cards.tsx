import { Button, Center, Stack } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { LabelFilter } from "./fleet-columns.tsx";
import type { FleetRow } from "./fleet-row.ts";
import { HostCard } from "./host-card.tsx";

/** Cards cost more than rows: as many as somebody looks through, then more on demand. */
const STEP = 60;

/** Hosts as cards, in the order given. */
export function FleetCards({ rows, ...labels }: { readonly rows: readonly FleetRow[] } & LabelFilter): ReactNode {
  const [shown, setShown] = useState(STEP);
  return (
    <Stack gap="md">
      <ul className="fl-cards" aria-label="Hosts">
        {rows.slice(0, shown).map((row) => (
          <HostCard key={row.environment.id} row={row} {...labels} />
        ))}
      </ul>
      {rows.length > shown && (
        <Center>
          <Button variant="default" onClick={() => setShown(shown + STEP)}>
            Show {Math.min(STEP, rows.length - shown)} more of {rows.length}
          </Button>
        </Center>
      )}
    </Stack>
  );
}
