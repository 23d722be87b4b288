import { Button, Divider, PasswordInput, Stack, TextInput, Tooltip } from "@mantine/core";
import type { SignInMethods } from "@fairlead/protocol/rest";
import { useQuery } from "@tanstack/react-query";
import { IconFingerprint } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { pageCall } from "../../hub/page-call.ts";
import { hasPasskeys, signInWithPasskey } from "../../hub/passkeys.ts";
import { enter, signInWithPassword } from "../../hub/sign-in.ts";
import { EntryFrame } from "./entry-frame.tsx";
import { formValues } from "./form-values.ts";
import { useAttempt } from "../../ui/use-attempt.ts";

export interface PasswordStepProps {
  readonly failure: Error | undefined;
  readonly onSignedIn: () => void;
  readonly onCodeNeeded: () => void;
}

const NO_PASSKEYS = "This browser offers passkeys over https and on localhost only.";

/** The first step: who one is. */
export function PasswordStep({ failure, onSignedIn, onCodeNeeded }: PasswordStepProps): ReactNode {
  const { busy, error, run } = useAttempt(failure);
  const methods = useQuery({
    queryKey: ["sign-in-methods"],
    queryFn: () => pageCall<SignInMethods>("GET", "/api/v1/sign-in-methods"),
  });
  const withPassword = async ({ email = "", password = "" }: Readonly<Record<string, string>>): Promise<void> => {
    const outcome = await signInWithPassword(email, password);
    if (outcome === "code-needed") onCodeNeeded();
    else onSignedIn();
  };
  const atProvider = async (): Promise<void> => {
    const next = new URLSearchParams(location.search).get("next");
    const { url } = await pageCall<{ url: string }>("POST", "/api/auth/sign-in/social", {
      provider: "oidc",
      // The provider's way back carries no fragment, so the sign-in page leads on to the page that wanted it.
      callbackURL: next === null ? "/" : `/sign-in?next=${encodeURIComponent(next)}`,
      errorCallbackURL: "/sign-in",
      disableRedirect: true,
    });
    enter(url);
  };
  const passkeys = hasPasskeys();
  const provider = methods.data?.oidc ?? null;
  return (
    <EntryFrame
      id="password-step"
      title="Sign in"
      description="To this hub and its Docker hosts."
      error={error ?? methods.error ?? undefined}
    >
      <form
        id="password-form"
        onSubmit={(event) => {
          const values = formValues(event);
          void run(() => withPassword(values));
        }}
      >
        <Stack gap="sm">
          <TextInput
            name="email"
            type="email"
            label="E-mail address"
            autoComplete="username webauthn"
            required
            withAsterisk={false}
            data-autofocus
          />
          <PasswordInput
            name="password"
            label="Password"
            autoComplete="current-password"
            maxLength={128}
            required
            withAsterisk={false}
          />
          <Button type="submit" loading={busy} fullWidth mt="xs">
            Sign in
          </Button>
        </Stack>
      </form>
      <Divider label="or" />
      <Stack gap="sm">
        <Tooltip label={NO_PASSKEYS} disabled={passkeys}>
          <Button
            id="passkey"
            variant="default"
            leftSection={<IconFingerprint size={17} aria-hidden />}
            disabled={!passkeys}
            onClick={() => void run(async () => signInWithPasskey().then(onSignedIn))}
          >
            Sign in with a passkey
          </Button>
        </Tooltip>
        {provider !== null && (
          <Button id="oidc" variant="default" onClick={() => void run(atProvider)}>
            Sign in with {provider}
          </Button>
        )}
      </Stack>
    </EntryFrame>
  );
}
