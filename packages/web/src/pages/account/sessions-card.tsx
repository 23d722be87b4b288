import { Button, Group, Stack, Text } from "@mantine/core";
import type { PersonSession } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";
import { pageCall } from "../../hub/page-call.ts";
import { enter } from "../../hub/sign-in.ts";
import { Age } from "../../ui/age.tsx";
import { useAttempt } from "../../ui/use-attempt.ts";
import { AccountCard } from "./account-card.tsx";
import { browserName } from "./browser-name.ts";

/** Where one is signed in. */
export function SessionsCard({
  sessions,
  onChanged,
}: {
  sessions: readonly PersonSession[];
  onChanged: () => void;
}): ReactNode {
  const { busy, error, run } = useAttempt();
  const end = (id: string): void => void run(() => pageCall("DELETE", `/api/v1/me/sessions/${id}`)).then(onChanged);
  const endAll = (): void =>
    void run(() => pageCall("DELETE", "/api/v1/me/sessions")).then((ok) => ok && enter("/sign-in"));
  return (
    <AccountCard title="Sessions" error={error}>
      <Stack id="sessions" gap="xs" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {sessions.map(({ id, current, address, userAgent, lastSeenAt }) => (
          <Group key={id} component="li" justify="space-between" wrap="nowrap">
            <div>
              <Text fw={500}>{browserName(userAgent)}</Text>
              <Text fz="xs" c="dimmed">
                {current ? (
                  "this one"
                ) : (
                  <>
                    last seen <Age at={lastSeenAt} />
                  </>
                )}
                {address !== null && `, from ${address}`}
              </Text>
            </div>
            {!current && (
              <Button size="xs" variant="default" onClick={() => end(id)}>
                Sign out
              </Button>
            )}
          </Group>
        ))}
      </Stack>
      <Group>
        <Button id="sign-out-everywhere" color="red" variant="light" loading={busy} onClick={endAll}>
          Sign out everywhere
        </Button>
      </Group>
    </AccountCard>
  );
}
