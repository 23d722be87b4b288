import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import type { Environment, UpdateEnvironment } from "@fairlead/protocol/rest";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { type Allowance, allowance } from "../../../hub/access.ts";
import { hub } from "../../../hub/client.ts";
import { environments } from "../../../hub/environments.ts";
import { useMe } from "../../../hub/session.ts";
import { ActionButton } from "../../../ui/action-button.tsx";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { notifyDone } from "../../../ui/notify.tsx";
import { DIAL_FIELD_NAMES, DialFields } from "../dial-fields.tsx";
import { dialChanges, type DialInput, dialInputOf, HAS_TOKEN } from "../dial-input.ts";
import { fieldError, isUnplaced } from "../field-error.ts";
import { InfoCard } from "../info-card.tsx";
import { LabelsField } from "../labels-field.tsx";
import { labelTexts, parseLabels } from "../labels-text.ts";

interface Input {
  readonly name: string;
  readonly labels: readonly string[];
  readonly dial: DialInput;
  readonly removeToken: boolean;
}

const inputOf = (environment: Environment): Input => ({
  name: environment.name,
  labels: labelTexts(environment.labels),
  dial: dialInputOf(environment),
  removeToken: false,
});

/** Name, labels, and how the hub reaches the host. */
export function SettingsCard({ environment }: { readonly environment: Environment }): ReactNode {
  const me = useMe();
  const navigate = useNavigate();
  /** Undefined: nothing was typed, and what comes of others is shown. */
  const [typed, setTyped] = useState<Input>();
  const [error, setError] = useState<unknown>();
  const input = typed ?? inputOf(environment);
  const change = (part: Partial<Input>): void => setTyped({ ...input, ...part });
  const read = parseLabels(input.labels);
  const labels = "labels" in read ? read.labels : undefined;
  const body: UpdateEnvironment = {
    ...(input.name.trim() === environment.name ? {} : { name: input.name.trim() }),
    ...(labels && !sameLabels(labels, environment.labels) ? { labels } : {}),
    ...dialChanges(environment, input.dial, input.removeToken),
  };
  const isChanged = Object.keys(body).length > 0;

  const may = allowance(me, "environment.manage", environment);
  const maySocket =
    environment.kind === "socket" && body.address !== undefined ? allowance(me, "environment.create") : may;
  const problem = "problem" in read ? read.problem : isChanged ? undefined : "Nothing is changed yet.";
  const save: Allowance = !may.allowed
    ? may
    : !maySocket.allowed
      ? maySocket
      : problem === undefined
        ? may
        : { allowed: false, reason: problem };

  const submit = async (): Promise<void> => {
    setError(undefined);
    try {
      const changed = await hub.updateEnvironment(environment.id, body);
      environments.apply(changed);
      setTyped(undefined);
      notifyDone(`${changed.name} is changed.`);
      if (changed.name !== environment.name) {
        const search = (before: Record<string, string | undefined>) => before;
        await navigate({ to: "/environments/$env", params: { env: changed.name }, search, replace: true } as never);
      }
    } catch (error) {
      setError(error);
    }
  };
  const placed = ["name", "labels", ...(environment.kind === "edge" ? [] : DIAL_FIELD_NAMES)];
  return (
    <InfoCard title="Settings">
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Addresses and command lines that hold the old name no longer lead here."
          value={input.name}
          onChange={({ currentTarget }) => change({ name: currentTarget.value })}
          error={fieldError(error, "name")}
        />
        <LabelsField
          value={input.labels}
          onChange={(labels) => change({ labels })}
          error={("problem" in read ? read.problem : undefined) ?? fieldError(error, "labels")}
        />
        <DialFields
          kind={environment.kind}
          value={input.dial}
          onChange={(dial) => change({ dial })}
          error={error}
          isChange
        />
        {HAS_TOKEN.has(environment.kind) && (
          <Checkbox
            label="Remove the token that the hub keeps"
            checked={input.removeToken}
            onChange={({ currentTarget }) => change({ removeToken: currentTarget.checked })}
          />
        )}
        {error !== undefined && isUnplaced(error, placed) && <ErrorNote error={error} title="Nothing was changed" />}
        <Group gap="xs">
          <ActionButton allowance={save} onAct={submit}>
            Save
          </ActionButton>
          {typed !== undefined && (
            <Button
              variant="default"
              onClick={() => {
                setTyped(undefined);
                setError(undefined);
              }}
            >
              Undo what I typed
            </Button>
          )}
        </Group>
      </Stack>
    </InfoCard>
  );
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
