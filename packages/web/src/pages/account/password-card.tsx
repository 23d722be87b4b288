import { Button, Group, PasswordInput, Stack } from "@mantine/core";
import { type ReactNode, useRef } from "react";
import { pageCall } from "../../hub/page-call.ts";
import { notifyDone } from "../../ui/notify.tsx";
import { formValues } from "../sign-in/form-values.ts";
import { NewPasswordField } from "../sign-in/new-password-field.tsx";
import { useAttempt } from "../../ui/use-attempt.ts";
import { AccountCard } from "./account-card.tsx";

/** Changes the password. */
export function PasswordCard({ email, onChanged }: { email: string; onChanged: () => void }): ReactNode {
  const { busy, error, run } = useAttempt();
  const form = useRef<HTMLFormElement>(null);
  const change = async ({ currentPassword, newPassword }: Readonly<Record<string, string>>): Promise<void> => {
    await pageCall("POST", "/api/auth/change-password", { currentPassword, newPassword, revokeOtherSessions: true });
    form.current?.reset();
    notifyDone("The password was changed.");
    onChanged();
  };
  return (
    <AccountCard title="Password" description="A new one signs you out everywhere else." error={error}>
      <form
        id="password-form"
        ref={form}
        onSubmit={(event) => {
          const values = formValues(event);
          void run(() => change(values));
        }}
      >
        <Stack gap="sm">
          <input name="username" type="email" autoComplete="username" value={email} readOnly hidden />
          <PasswordInput
            name="currentPassword"
            label="Old password"
            autoComplete="current-password"
            required
            withAsterisk={false}
          />
          <NewPasswordField name="newPassword" label="New password" />
          <Group>
            <Button type="submit" loading={busy}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </AccountCard>
  );
}
