import { Button, Skeleton, Stack, TextInput } from "@mantine/core";
import type { Link } from "@fairlead/protocol/rest";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { pageCall } from "../../hub/page-call.ts";
import { enter, signInWithPassword } from "../../hub/sign-in.ts";
import { EntryFrame } from "./entry-frame.tsx";
import { formValues } from "./form-values.ts";
import { NewPasswordField } from "./new-password-field.tsx";
import { NO_SECRET, useOneTimeSecret } from "./one-time-secret.ts";
import { useAttempt } from "../../ui/use-attempt.ts";

/** `/invitation#SECRET`: a person who was invited, or who chooses a new password. */
export function InvitationPage(): ReactNode {
  const token = useOneTimeSecret();
  const link = useQuery({
    queryKey: ["link", token],
    queryFn: () => pageCall<Link>("POST", "/api/v1/links/show", { token }),
    enabled: token !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const failure = token === "" ? NO_SECRET : (link.error ?? undefined);
  if (failure) return <EntryFrame title="This link does not work" error={failure} />;
  if (!link.data) {
    return (
      <EntryFrame title="Welcome">
        <Skeleton h={220} />
      </EntryFrame>
    );
  }
  return <AcceptLink token={token} link={link.data} />;
}

function AcceptLink({ token, link }: { token: string; link: Link }): ReactNode {
  const { busy, error, run } = useAttempt();
  const isInvitation = link.kind === "invitation";
  const accept = async ({ name, password = "" }: Readonly<Record<string, string>>): Promise<void> => {
    const { email } = await pageCall<{ email: string }>("POST", "/api/v1/links/accept", {
      token,
      password,
      ...(isInvitation ? { name } : {}),
    });
    const outcome = await signInWithPassword(email, password);
    enter(outcome === "code-needed" ? "/sign-in" : "/");
  };
  return (
    <EntryFrame
      id="accept-step"
      title={isInvitation ? "Welcome" : "A new password"}
      description={
        isInvitation
          ? "You are invited to this hub. Choose how you are called, and a password."
          : "Choose a new password. You are signed out everywhere else."
      }
      error={error}
    >
      <form
        id="accept-form"
        onSubmit={(event) => {
          const values = formValues(event);
          void run(() => accept(values));
        }}
      >
        <Stack gap="sm">
          {isInvitation && (
            <TextInput
              name="name"
              label="Name"
              defaultValue={link.name}
              autoComplete="name"
              maxLength={128}
              required
              withAsterisk={false}
            />
          )}
          <TextInput
            name="email"
            type="email"
            label="E-mail address"
            value={link.email}
            autoComplete="username"
            readOnly
          />
          <NewPasswordField />
          <Button type="submit" loading={busy} fullWidth mt="xs">
            Go on
          </Button>
        </Stack>
      </form>
    </EntryFrame>
  );
}
