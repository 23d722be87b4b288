import { Skeleton, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { FLEET_ROW_HEIGHT } from "./fleet-columns.tsx";

/** How many hosts a window shows about. */
const ROWS = 8;
const CARD_HEIGHT = 190;

/** The fleet's frame while it is read. */
export const FleetSkeleton = {
  Summary: (): ReactNode => <Skeleton h={25} maw={460} />,
  Hosts: ({ asCards }: { readonly asCards: boolean }): ReactNode =>
    asCards ? (
      <div className="fl-cards" aria-hidden>
        {Array.from({ length: ROWS }, (_, index) => (
          <Skeleton key={index} h={CARD_HEIGHT} />
        ))}
      </div>
    ) : (
      <Stack className="fl-card" gap={0} pt={36} flex={1} aria-hidden style={{ overflow: "hidden" }}>
        {Array.from({ length: ROWS }, (_, index) => (
          <Stack
            key={index}
            h={FLEET_ROW_HEIGHT}
            justify="center"
            px="xs"
            style={{ borderTop: "1px solid var(--fl-line)" }}
          >
            <Skeleton h={16} />
          </Stack>
        ))}
      </Stack>
    ),
};
