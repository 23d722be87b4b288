import { Button, SimpleGrid, Skeleton, Stack } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { pageCall } from "../../hub/page-call.ts";
import { meQuery } from "../../hub/session.ts";
import { enter } from "../../hub/sign-in.ts";
import { ErrorNote } from "../../ui/error-note.tsx";
import { Page } from "../../ui/page.tsx";
import { AuthenticatorCard } from "./authenticator-card.tsx";
import { PasskeysCard } from "./passkeys-card.tsx";
import { PasswordCard } from "./password-card.tsx";
import { SessionsCard } from "./sessions-card.tsx";

/** `/account`: what one signs in with, and where one is signed in. */
export function AccountPage(): ReactNode {
  const { data: me, error, refetch } = useQuery(meQuery);
  const signOut = async (): Promise<void> => {
    await pageCall("POST", "/api/auth/sign-out", {});
    enter("/sign-in");
  };
  const { person } = me ?? {};
  const hasPassword = person?.signIn.includes("password") ?? false;
  const refresh = (): void => void refetch();
  return (
    <Page
      title="Account"
      description={
        me && (
          <>
            <span id="name">{person?.name ?? me.name}</span> · <span id="email">{person?.email ?? "an API token"}</span>
          </>
        )
      }
      actions={
        <Button
          id="sign-out"
          variant="default"
          leftSection={<IconLogout size={16} aria-hidden />}
          onClick={() => void signOut()}
        >
          Sign out
        </Button>
      }
    >
      {error && <ErrorNote error={error} onRetry={refresh} />}
      {!me && !error && <Skeleton h={300} />}
      {me && (
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <Stack gap="md">
            {hasPassword && <PasswordCard email={person?.email ?? ""} onChanged={refresh} />}
            {/* Who comes by a provider has the provider's second factor. */}
            {hasPassword && <AuthenticatorCard isOn={person?.twoFactor ?? false} onChanged={refresh} />}
          </Stack>
          <Stack gap="md">
            <PasskeysCard passkeys={me.passkeys} onChanged={refresh} />
            <SessionsCard sessions={me.sessions} onChanged={refresh} />
          </Stack>
        </SimpleGrid>
      )}
    </Page>
  );
}
