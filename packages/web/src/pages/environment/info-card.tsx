import { Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

export interface InfoCardProps {
  readonly title: string;
  /** Beside the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page under its own heading. */
export function InfoCard({ title, aside, children }: InfoCardProps): ReactNode {
  const id = useId();
  return (
    <Stack component="section" aria-labelledby={id} className="fl-card" p="md" gap="sm" miw={0}>
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h3" id={id}>
          {title}
        </Title>
        {aside !== undefined && (
          <Text span fz="xs" c="dimmed">
            {aside}
          </Text>
        )}
      </Group>
      <div>{children}</div>
    </Stack>
  );
}
