import { Button, Code, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { pageCall } from "../../hub/page-call.ts";
import { CodeLines } from "../../ui/code-lines.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { formValues } from "../sign-in/form-values.ts";
import { type Attempt, useAttempt } from "../../ui/use-attempt.ts";
import { AccountCard } from "./account-card.tsx";

interface Setup {
  readonly totpURI: string;
  /** Data URL of a QR code. */
  readonly totpPicture: string;
  readonly backupCodes: readonly string[];
}

/** The authenticator app: off, being set up, or on. */
export function AuthenticatorCard({ isOn, onChanged }: { isOn: boolean; onChanged: () => void }): ReactNode {
  const attempt = useAttempt();
  const [setup, setSetup] = useState<Setup>();
  const done = (message: string): void => {
    setSetup(undefined);
    notifyDone(message);
    onChanged();
  };
  return (
    <AccountCard
      title="Authenticator app"
      description="After the password, a code of an app on your phone is asked for."
      error={attempt.error}
    >
      {setup ? (
        <SetupStep
          setup={setup}
          attempt={attempt}
          onDone={() => done("The authenticator app is asked for from now on.")}
        />
      ) : isOn ? (
        <OnStep attempt={attempt} onOff={() => done("The authenticator app is not asked for any more.")} />
      ) : (
        <form
          id="totp-form"
          onSubmit={(event) => {
            const { password } = formValues(event);
            void attempt.run(async () =>
              setSetup(await pageCall<Setup>("POST", "/api/auth/two-factor/enable", { password })),
            );
          }}
        >
          <Group align="flex-end" gap="sm">
            <PasswordField />
            <Button type="submit" loading={attempt.busy}>
              Set it up
            </Button>
          </Group>
        </form>
      )}
    </AccountCard>
  );
}

function PasswordField(): ReactNode {
  return (
    <PasswordInput
      name="password"
      label="Password"
      autoComplete="current-password"
      required
      withAsterisk={false}
      miw={220}
    />
  );
}

function SetupStep({ setup, attempt, onDone }: { setup: Setup; attempt: Attempt; onDone: () => void }): ReactNode {
  const secret = new URL(setup.totpURI).searchParams.get("secret") ?? "";
  const confirm = (event: FormEvent<HTMLFormElement>): void => {
    const { code = "" } = formValues(event);
    void attempt
      .run(() => pageCall("POST", "/api/auth/two-factor/verify-totp", { code: code.replaceAll(" ", "") }))
      .then((ok) => ok && onDone());
  };
  return (
    <Stack id="totp-setup" gap="sm">
      <Text>Scan this with the app, then type the code that it shows.</Text>
      <img
        id="totp-picture"
        src={setup.totpPicture}
        alt="QR code for the authenticator app"
        width={190}
        height={190}
        style={{ background: "#fff", padding: 8, borderRadius: 4 }}
      />
      <Text c="dimmed">
        Or type the secret: <Code id="totp-secret">{secret}</Code>
      </Text>
      <Text>
        Keep these recovery codes in a safe place. Each lets you in once when the phone is away; they are shown this
        once.
      </Text>
      <div id="recovery-codes">
        <CodeLines text={setup.backupCodes.join("\n")} what="the recovery codes" />
      </div>
      <form id="totp-confirm-form" onSubmit={confirm}>
        <Group align="flex-end" gap="sm">
          <TextInput
            name="code"
            label="Code"
            inputMode="numeric"
            autoComplete="one-time-code"
            pattern="[0-9 ]{6,7}"
            required
            withAsterisk={false}
          />
          <Button type="submit" loading={attempt.busy}>
            I have kept the codes; turn it on
          </Button>
        </Group>
      </form>
    </Stack>
  );
}

function OnStep({ attempt, onOff }: { attempt: Attempt; onOff: () => void }): ReactNode {
  const form = useRef<HTMLFormElement>(null);
  const [codes, setCodes] = useState<readonly string[]>();
  const password = (): unknown => new FormData(form.current ?? undefined).get("password");
  const newCodes = async (): Promise<void> => {
    const answer = await pageCall<{ backupCodes: readonly string[] }>(
      "POST",
      "/api/auth/two-factor/generate-backup-codes",
      {
        password: password(),
      },
    );
    setCodes(answer.backupCodes);
    form.current?.reset();
  };
  const turnOff = (): void => {
    if (form.current?.reportValidity() !== true) return;
    const body = { password: password() };
    void attempt.run(() => pageCall("POST", "/api/auth/two-factor/disable", body)).then((ok) => ok && onOff());
  };
  return (
    <Stack id="totp-on" gap="sm">
      <Text>It is on.</Text>
      <form
        id="totp-change-form"
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void attempt.run(newCodes);
        }}
      >
        <Group align="flex-end" gap="sm">
          <PasswordField />
          <Button type="submit" variant="default" loading={attempt.busy}>
            New recovery codes
          </Button>
          <Button id="totp-disable" color="red" variant="light" onClick={turnOff}>
            Turn it off
          </Button>
        </Group>
      </form>
      {codes && (
        <div id="new-recovery-codes">
          <Text mb="xs">The old recovery codes are worth nothing now. These are shown this once.</Text>
          <CodeLines text={codes.join("\n")} what="the recovery codes" />
        </div>
      )}
    </Stack>
  );
}
