import { Alert, Box, Center, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { describeError } from "../../ui/error-note.tsx";

export interface EntryFrameProps {
  readonly title: string;
  readonly description?: ReactNode;
  /** What went wrong, in the server's words. */
  readonly error?: unknown;
  /** Names the step, for who looks for it by script. */
  readonly id?: string;
  readonly children?: ReactNode;
}

/** A page of somebody who is not in yet: one card, one thing to do. */
export function EntryFrame({ title, description, error, id, children }: EntryFrameProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · Fairlead`;
  }, [title]);
  return (
    <Center mih="100dvh" p="md" component="main">
      <Box w="100%" maw={420}>
        <Box mb="md" ta="center">
          <img src="/icon.svg" alt="" width={36} height={36} />
          <Text fw={650} fz="lg">
            Fairlead
          </Text>
        </Box>
        <Stack className="fl-card" p="lg" gap="md" id={id}>
          <Box>
            <Title order={1}>{title}</Title>
            {description !== undefined && (
              <Text c="dimmed" mt={4}>
                {description}
              </Text>
            )}
          </Box>
          {error !== undefined && (
            <Alert id="note" color="red" variant="light" role="alert" p="sm">
              {describeError(error).message}
            </Alert>
          )}
          {children}
        </Stack>
      </Box>
    </Center>
  );
}
