import { Button, Group, SegmentedControl, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import type { CreatedEnvironment, EnvironmentKind } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { hub } from "../../../hub/client.ts";
import { environments } from "../../../hub/environments.ts";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { useAttempt } from "../../../ui/use-attempt.ts";
import { DIAL_FIELD_NAMES, DialFields } from "../../environment/dial-fields.tsx";
import { dialFields, EMPTY_DIAL } from "../../environment/dial-input.ts";
import { fieldError, isUnplaced } from "../../environment/field-error.ts";
import { DEFAULT_KEY_TTL, KEY_TTLS } from "../../environment/key-ttls.ts";
import { LabelsField } from "../../environment/labels-field.tsx";
import { parseLabels } from "../../environment/labels-text.ts";
import { KINDS } from "./kinds.ts";

export interface AddEnvironmentFormProps {
  readonly kind: EnvironmentKind;
  readonly onKind: (kind: EnvironmentKind) => void;
  readonly onCreated: (created: CreatedEnvironment) => void;
  readonly onClose: () => void;
}

export function AddEnvironmentForm({ kind, onKind, onCreated, onClose }: AddEnvironmentFormProps): ReactNode {
  const [name, setName] = useState("");
  const [labels, setLabels] = useState<string[]>([]);
  const [dial, setDial] = useState(EMPTY_DIAL);
  const [ttl, setTtl] = useState(DEFAULT_KEY_TTL);
  const [withToken, setWithToken] = useState(false);
  const { busy, error, run } = useAttempt();
  const read = parseLabels(labels);
  const labelProblem = "problem" in read ? read.problem : undefined;

  const create = async (): Promise<void> => {
    if ("problem" in read) return;
    const created = await hub.createEnvironment({
      name: name.trim(),
      kind,
      labels: read.labels,
      ...dialFields(kind, dial),
      ...(kind === "edge" && !withToken ? { joinKeyTtlSeconds: Number(ttl) } : {}),
    });
    environments.apply(created.environment);
    onCreated(created);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void run(create);
      }}
    >
      <Stack gap="md">
        <div>
          <SegmentedControl
            fullWidth
            aria-label="Kind of environment"
            value={kind}
            onChange={onKind}
            data={KINDS.map(({ value, label }) => ({ value, label }))}
          />
          <Text fz="sm" c="dimmed" mt="xs" mih="2.9em">
            {KINDS.find(({ value }) => value === kind)?.meaning}
          </Text>
        </div>
        <TextInput
          data-autofocus
          label="Name"
          description="1 to 63 letters, digits, '.', '_' or '-'; not digits alone."
          required
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          error={fieldError(error, "name")}
        />
        <LabelsField value={labels} onChange={setLabels} error={labelProblem ?? fieldError(error, "labels")} />
        <DialFields kind={kind} value={dial} onChange={setDial} error={error} />
        {kind === "edge" && (
          <>
            <Select
              label="The join key can be used for"
              description="By one agent, once: it trades the key for a token of its own."
              data={KEY_TTLS}
              value={ttl}
              onChange={(value) => setTtl(value ?? DEFAULT_KEY_TTL)}
              allowDeselect={false}
              maw={260}
              disabled={withToken}
              error={fieldError(error, "joinKeyTtlSeconds")}
            />
            <Switch
              label="A token instead of a join key"
              description="For an agent of protocol 1.0 (Hawser) that is deployed already: it cannot join with a key. The token stays good until it is rotated or revoked."
              checked={withToken}
              onChange={({ currentTarget }) => setWithToken(currentTarget.checked)}
            />
          </>
        )}
        {error !== undefined && isUnplaced(error, ["name", "labels", "joinKeyTtlSeconds", ...dialNames(kind)]) && (
          <ErrorNote error={error} title="The environment was not added" />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            Add the environment
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function dialNames(kind: EnvironmentKind): readonly string[] {
  return kind === "edge" ? [] : DIAL_FIELD_NAMES;
}
