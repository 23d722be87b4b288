import { Box, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorNote } from "../../ui/error-note.tsx";

export interface SectionProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** One section of the settings. */
export function Section({ title, description, actions, children }: SectionProps): ReactNode {
  return (
    <Stack gap="md" component="section" aria-label={title}>
      <Group justify="space-between" align="flex-start" gap="sm">
        <Box miw={0} flex="1 1 260px">
          <Title order={2}>{title}</Title>
          {description !== undefined && (
            <Text c="dimmed" mt={2}>
              {description}
            </Text>
          )}
        </Box>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** What a question answered: its failure with a way to try again, its place while it is asked, or what it says. */
export function Answer<T>({
  query,
  children,
  height = 200,
}: {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  height?: number;
}): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorNote error={query.error} onRetry={() => void query.refetch()} />;
  return <Skeleton h={height} aria-label="Loading" />;
}
