import { Box, Group, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** A part of the overview, with its heading. */
export function Card({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Box component="section" className="fl-card" p="md" miw={0} aria-label={title}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2}>{title}</Title>
        {aside}
      </Group>
      {children}
    </Box>
  );
}
