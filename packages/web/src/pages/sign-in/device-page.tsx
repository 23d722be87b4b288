import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import type { DeviceRequest } from "@fairlead/protocol/rest";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { pageCall } from "../../hub/page-call.ts";
import { useMe } from "../../hub/session.ts";
import { formatTime } from "../../ui/format.ts";
import { Properties } from "../../ui/properties.tsx";
import { EntryFrame } from "./entry-frame.tsx";
import { formValues } from "./form-values.ts";
import { useAttempt } from "../../ui/use-attempt.ts";

const normal = (code: string): string => code.trim().toUpperCase();

/** `/device#CODE`: a person decides whether the program that shows this code gets in. */
export function DevicePage(): ReactNode {
  const me = useMe();
  const [code, setCode] = useState(() => normal(location.hash.slice(1)));
  const [decision, setDecision] = useState<"allowed" | "refused">();
  useEffect(() => {
    const changed = (): void => {
      setCode(normal(location.hash.slice(1)));
      setDecision(undefined);
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  const request = useQuery({
    queryKey: ["device", code],
    queryFn: () => pageCall<DeviceRequest>("GET", `/api/v1/device?code=${encodeURIComponent(code)}`),
    enabled: code !== "" && me !== undefined && decision === undefined,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (decision !== undefined) {
    return (
      <EntryFrame
        id="done-step"
        title={decision === "allowed" ? "It is let in" : "It was refused"}
        description={
          decision === "allowed"
            ? "Go back to the terminal. This page can be closed."
            : "The program got nothing. This page can be closed."
        }
      />
    );
  }
  if (code === "" || request.error) {
    return (
      <EntryFrame
        id="code-step"
        title="Let a program in"
        description="Type the code that fairlead login shows."
        error={request.error ?? undefined}
      >
        <form id="code-form" onSubmit={(event) => setCode(normal(formValues(event)["code"] ?? ""))}>
          <Stack gap="sm">
            <TextInput
              name="code"
              label="Code"
              autoComplete="off"
              autoCapitalize="characters"
              maxLength={12}
              required
              withAsterisk={false}
            />
            <Button type="submit" fullWidth>
              Go on
            </Button>
          </Stack>
        </form>
      </EntryFrame>
    );
  }
  if (!request.data) return <EntryFrame title="Let a program in" description="Looking the code up…" />;
  return <Decide code={code} request={request.data} person={me?.name ?? ""} onDecided={setDecision} />;
}

interface DecideProps {
  readonly code: string;
  readonly request: DeviceRequest;
  readonly person: string;
  readonly onDecided: (decision: "allowed" | "refused") => void;
}

function Decide({ code, request, person, onDecided }: DecideProps): ReactNode {
  const { busy, error, run } = useAttempt();
  const decide = (allow: boolean): void => {
    void run(async () => {
      await pageCall("POST", "/api/v1/device/decide", { userCode: code, allow });
      onDecided(allow ? "allowed" : "refused");
    });
  };
  return (
    <EntryFrame id="decide-step" title="Let this program in?" error={error}>
      <Text id="user-code" ta="center" fz="xl" fw={650} className="mono">
        {code}
      </Text>
      <Properties
        items={[
          ["Machine", request.hostname],
          ["Address", request.address],
          ["Asked", formatTime(Date.parse(request.createdAt))],
          ["You are", person],
        ]}
      />
      <Text c="dimmed" fz="sm">
        It gets an API token and may do what you may, until you revoke it. Allow it only if you started it yourself just
        now, and it shows this very code.
      </Text>
      <Group grow>
        <Button id="deny" variant="default" disabled={busy} onClick={() => decide(false)}>
          Refuse
        </Button>
        <Button id="allow" loading={busy} onClick={() => decide(true)}>
          Allow
        </Button>
      </Group>
    </EntryFrame>
  );
}
