import { Box, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { ErrorNote } from "../../ui/error-note.tsx";

export interface AccountCardProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly error?: unknown;
  readonly children: ReactNode;
}

/** One matter of the account. */
export function AccountCard({ title, description, error, children }: AccountCardProps): ReactNode {
  return (
    <Stack className="fl-card" p="md" gap="sm" component="section">
      <Box>
        <Title order={2}>{title}</Title>
        {description !== undefined && <Text c="dimmed">{description}</Text>}
      </Box>
      {error !== undefined && <ErrorNote error={error} />}
      {children}
    </Stack>
  );
}
