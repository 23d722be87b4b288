import { Button, Stack, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { pageCall } from "../../hub/page-call.ts";
import { EntryFrame } from "./entry-frame.tsx";
import { formValues } from "./form-values.ts";
import { useAttempt } from "../../ui/use-attempt.ts";

/** The second step: a code of the authenticator app, or one of the recovery codes. */
export function CodeStep({ onSignedIn }: { onSignedIn: () => void }): ReactNode {
  const [recovery, setRecovery] = useState(false);
  return recovery ? (
    <Step
      key="recovery"
      id="recovery"
      title="Recovery code"
      description="Each code works once."
      path="/api/auth/two-factor/verify-backup-code"
      other={{ id: "to-code", label: "Use the authenticator app instead", go: () => setRecovery(false) }}
      onSignedIn={onSignedIn}
    />
  ) : (
    <Step
      key="code"
      id="code"
      title="Second factor"
      description="The code of your authenticator app, six digits."
      path="/api/auth/two-factor/verify-totp"
      other={{ id: "to-recovery", label: "Use a recovery code instead", go: () => setRecovery(true) }}
      onSignedIn={onSignedIn}
    />
  );
}

interface StepProps {
  readonly id: "code" | "recovery";
  readonly title: string;
  readonly description: string;
  readonly path: string;
  readonly other: { readonly id: string; readonly label: string; readonly go: () => void };
  readonly onSignedIn: () => void;
}

function Step({ id, title, description, path, other, onSignedIn }: StepProps): ReactNode {
  const { busy, error, run } = useAttempt();
  const check = async (code: string): Promise<void> => {
    await pageCall("POST", path, { code: id === "code" ? code.replaceAll(" ", "") : code.trim() });
    onSignedIn();
  };
  return (
    <EntryFrame id={`${id}-step`} title={title} description={description} error={error}>
      <form
        id={`${id}-form`}
        onSubmit={(event) => {
          const { code = "" } = formValues(event);
          void run(() => check(code));
        }}
      >
        <Stack gap="sm">
          <TextInput
            name="code"
            label="Code"
            autoComplete={id === "code" ? "one-time-code" : "off"}
            inputMode={id === "code" ? "numeric" : "text"}
            {...(id === "code" ? { pattern: "[0-9 ]{6,7}" } : {})}
            autoFocus
            required
            withAsterisk={false}
          />
          <Button type="submit" loading={busy} fullWidth>
            Go on
          </Button>
        </Stack>
      </form>
      <Button id={other.id} variant="subtle" onClick={other.go}>
        {other.label}
      </Button>
    </EntryFrame>
  );
}
