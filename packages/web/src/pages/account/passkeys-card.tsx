import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import type { Passkey } from "@fairlead/protocol/rest";
import { type ReactNode, useRef } from "react";
import { pageCall } from "../../hub/page-call.ts";
import { addPasskey, hasPasskeys } from "../../hub/passkeys.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { confirm } from "../../ui/confirm.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { formValues } from "../sign-in/form-values.ts";
import { useAttempt } from "../../ui/use-attempt.ts";
import { AccountCard } from "./account-card.tsx";

/** Passkeys: listed, added, removed. */
export function PasskeysCard({
  passkeys,
  onChanged,
}: {
  passkeys: readonly Passkey[];
  onChanged: () => void;
}): ReactNode {
  const { error, run } = useAttempt();
  const form = useRef<HTMLFormElement>(null);
  const add = async (name: string): Promise<void> => {
    await addPasskey(name);
    form.current?.reset();
    notifyDone("The passkey was added.");
    onChanged();
  };
  const remove = async ({ id, name }: Passkey): Promise<void> => {
    const yes = await confirm({
      title: "Remove a passkey",
      body: `Nobody signs in with “${name}” any more.`,
      action: "Remove the passkey",
    });
    if (yes) await run(() => pageCall("POST", "/api/auth/passkey/delete-passkey", { id }));
    if (yes) onChanged();
  };
  const allowance = hasPasskeys()
    ? ({ allowed: true } as const)
    : ({ allowed: false, reason: "This browser offers passkeys over https and on localhost only." } as const);
  return (
    <AccountCard
      title="Passkeys"
      description="Sign in with the fingerprint, face or PIN of a device, without a password."
      error={error}
    >
      <Stack id="passkeys" gap="xs" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {passkeys.map((passkey) => (
          <Group key={passkey.id} component="li" justify="space-between" wrap="nowrap">
            <div>
              <Text fw={500}>{passkey.name}</Text>
              <Text fz="xs" c="dimmed">
                added <Age at={passkey.createdAt} fallback="long ago" />
              </Text>
            </div>
            <Button
              size="xs"
              variant="default"
              aria-label={`Remove ${passkey.name}`}
              onClick={() => void remove(passkey)}
            >
              Remove
            </Button>
          </Group>
        ))}
      </Stack>
      <form
        id="passkey-form"
        ref={form}
        onSubmit={(event) => {
          const { name = "" } = formValues(event);
          if (allowance.allowed) void run(() => add(name));
        }}
      >
        <Group align="flex-end" gap="sm">
          <TextInput name="name" label="Name" placeholder="This laptop" maxLength={64} required withAsterisk={false} />
          <ActionButton type="submit" allowance={allowance} onAct={() => {}}>
            Add a passkey
          </ActionButton>
        </Group>
      </form>
    </AccountCard>
  );
}
