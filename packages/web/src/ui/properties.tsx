import { Box } from "@mantine/core";
import type { ReactNode } from "react";

/** Names and values; what is undefined is left out. */
export function Properties({ items }: { items: readonly (readonly [name: string, value: ReactNode])[] }): ReactNode {
  return (
    <Box
      component="dl"
      m={0}
      style={{ display: "grid", gridTemplateColumns: "minmax(110px, max-content) minmax(0, 1fr)", gap: "6px 16px" }}
    >
      {items
        .filter(([, value]) => value !== undefined && value !== null && value !== "")
        .map(([name, value]) => (
          <Box key={name} style={{ display: "contents" }}>
            <Box component="dt" c="dimmed">
              {name}
            </Box>
            <Box component="dd" m={0} style={{ overflowWrap: "anywhere" }}>
              {value}
            </Box>
          </Box>
        ))}
    </Box>
  );
}
