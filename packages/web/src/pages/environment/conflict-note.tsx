import { Alert, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import type { Environment, IdentityConflict } from "@fairlead/protocol/rest";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { allowance } from "../../hub/access.ts";
import { hub } from "../../hub/client.ts";
import { useMe } from "../../hub/session.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { count } from "../../ui/format.ts";
import { notifyDone, notifyFailed } from "../../ui/notify.tsx";
import { Properties } from "../../ui/properties.tsx";

export interface ConflictNoteProps {
  readonly environment: Environment;
  readonly conflict: IdentityConflict;
}

/** Two machines with one token: which ones, what it means, what to do. */
export function ConflictNote({ environment, conflict }: ConflictNoteProps): ReactNode {
  const me = useMe();
  const { name } = environment;
  const dismiss = async (): Promise<void> => {
    try {
      await hub.dismissConflict(environment.id);
      notifyDone(`The conflict of ${name} is dismissed.`);
    } catch (error) {
      notifyFailed(`Dismissing the conflict of ${name}`, error);
    }
  };
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={`A second machine uses the token of ${name}`}
    >
      <Stack gap="sm">
        <Text fz="sm">
          While the first was connected, another machine tried to join with the same token:{" "}
          {count(conflict.attempts, "attempt")}, last <Age at={conflict.at} />. The hub refused it; what you see here is
          the first machine&apos;s alone. Most often the host was copied, image and all. Give the second an{" "}
          <Link to="/" search={{ add: "edge" }} className="fl-link">
            environment of its own
          </Link>
          . If you do not know it, rotate the token.
        </Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <Machine title="Connected" machine={conflict.connected} />
          <Machine title="Refused" machine={conflict.refused} />
        </SimpleGrid>
        <Group>
          <ActionButton
            size="xs"
            variant="default"
            allowance={allowance(me, "environment.manage", environment)}
            onAct={dismiss}
          >
            Dismiss the conflict
          </ActionButton>
          <Text fz="xs" c="dimmed">
            It comes back with the next attempt.
          </Text>
        </Group>
      </Stack>
    </Alert>
  );
}

function Machine({
  title,
  machine,
}: {
  readonly title: string;
  readonly machine: IdentityConflict["refused"];
}): ReactNode {
  return (
    <div className="fl-card" style={{ padding: "var(--mantine-spacing-sm)" }}>
      <Text fz="sm" fw={600} mb={4}>
        {title}
      </Text>
      <Properties
        items={[
          ["Name", machine.agentName],
          ["Host name", machine.hostname],
          ["Agent id", <span className="mono">{machine.agentId}</span>],
          ["Address", machine.address ?? "not known"],
        ]}
      />
    </div>
  );
}
