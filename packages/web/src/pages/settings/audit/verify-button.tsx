import { Alert, Button, Code, List, Modal, Stack, Text } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { hub } from "../../../hub/client.ts";
import { CodeLines } from "../../../ui/code-lines.tsx";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { count } from "../../../ui/format.ts";

/** Checks the whole chain of the log, and shows its head to keep elsewhere. */
export function VerifyButton(): ReactNode {
  const check = useMutation({ mutationFn: () => hub.verifyAudit() });
  const { data } = check;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconShieldCheck size={16} aria-hidden />}
        loading={check.isPending}
        onClick={() => check.mutate()}
      >
        Verify
      </Button>
      <Modal
        opened={data !== undefined || check.isError}
        onClose={() => check.reset()}
        title="The audit log's chain"
        size="lg"
      >
        {check.error && <ErrorNote error={check.error} />}
        {data && (
          <Stack gap="md">
            {data.intact ? (
              <Alert color="green" variant="light">
                {count(data.entries, "entry", "entries")} were checked: none was changed, moved or removed.
              </Alert>
            ) : (
              <Alert color="red" variant="light" title="The log was tampered with, or damaged">
                <List size="sm">
                  {data.problems.map(({ number, kind, message }) => (
                    <List.Item key={`${number} ${kind}`}>{message}</List.Item>
                  ))}
                </List>
                {data.furtherProblems > 0 && <Text mt="xs">And {data.furtherProblems} further problems.</Text>}
              </Alert>
            )}
            {data.prunedThrough !== null && (
              <Text>
                Retention has removed entries up to <Code>{data.prunedThrough.number}</Code>.
              </Text>
            )}
            <Text>
              Keep the head outside of the hub; <Code>fairlead audit verify --from-head</Code> then shows whether the
              log was cut or rewritten since.
            </Text>
            <CodeLines text={`${data.head.number}:${data.head.hash}`} what="the head" />
          </Stack>
        )}
      </Modal>
    </>
  );
}
