import { Button, Stack, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { pageCall } from "../../hub/page-call.ts";
import { enter, signInWithPassword } from "../../hub/sign-in.ts";
import { EntryFrame } from "./entry-frame.tsx";
import { formValues } from "./form-values.ts";
import { NewPasswordField } from "./new-password-field.tsx";
import { NO_SECRET, useOneTimeSecret } from "./one-time-secret.ts";
import { useAttempt } from "../../ui/use-attempt.ts";

/** `/first-admin#SECRET`: whoever opens a fresh hub's link becomes its admin. */
export function FirstAdminPage(): ReactNode {
  const token = useOneTimeSecret();
  const { busy, error, run } = useAttempt(token === "" ? NO_SECRET : undefined);
  const make = async ({ name = "", email = "", password = "" }: Readonly<Record<string, string>>): Promise<void> => {
    await pageCall("POST", "/api/v1/first-admin", { token, name, email, password });
    await signInWithPassword(email, password);
    enter("/");
  };
  return (
    <EntryFrame
      title="The first admin"
      description="This hub has no admin yet. You may do everything, and invite the others."
      error={error}
    >
      <form
        id="admin-form"
        onSubmit={(event) => {
          const values = formValues(event);
          void run(() => make(values));
        }}
      >
        <Stack gap="sm">
          <TextInput name="name" label="Name" autoComplete="name" maxLength={128} required withAsterisk={false} />
          <TextInput
            name="email"
            type="email"
            label="E-mail address"
            autoComplete="username"
            maxLength={254}
            required
            withAsterisk={false}
          />
          <NewPasswordField />
          <Button type="submit" loading={busy} fullWidth mt="xs">
            Make the admin
          </Button>
        </Stack>
      </form>
    </EntryFrame>
  );
}
