import { Alert, Button, Code, Group, Text } from "@mantine/core";
import { isFairleadError } from "@fairlead/protocol";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { withLocalTimes } from "./format.ts";

/** What went wrong in the server's words, with its code; and a way to try again where there is one. */
export function ErrorNote({
  error,
  title,
  onRetry,
}: {
  error: unknown;
  title?: string;
  onRetry?: () => void;
}): ReactNode {
  const { message, code } = describeError(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={title} role="alert">
      <Group justify="space-between" gap="sm">
        <Text fz="sm" style={{ overflowWrap: "anywhere" }}>
          {message} {code !== undefined && <Code>{code}</Code>}
        </Text>
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  );
}

/** A failure as people read it: the message, and the code of docs/errors.md where there is one. */
export function describeError(error: unknown): { readonly message: string; readonly code?: string } {
  const message = withLocalTimes(error instanceof Error ? error.message : String(error));
  return isFairleadError(error) ? { message, code: error.code } : { message };
}
