import { Button, Collapse, Group, Modal, PasswordInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { parseImageReference } from "../../docker/image-reference.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { count } from "../../ui/format.ts";
import { HostCheckboxes } from "../resources/host-choice.tsx";
import { type BatchProgress, runBatch } from "../resources/batch.ts";
import { ProgressView } from "./progress-view.tsx";
import { type Pull, pullImage } from "./pull-image.ts";
import type { PullProgress } from "./pull-progress.ts";

/** What the dialog opens with. */
export interface PullStart {
  readonly reference: string;
  readonly environmentIds: readonly number[];
}

interface PullDialogProps {
  /** Undefined: closed. */
  readonly start: PullStart | undefined;
  readonly onClose: () => void;
  readonly onPulled: (environmentIds: readonly number[]) => void;
}

/** Pulls an image on hosts, with the progress of each. Closing it ends what still goes on. */
export function PullDialog({ start, onClose, onPulled }: PullDialogProps): ReactNode {
  return (
    <Modal opened={start !== undefined} onClose={onClose} title="Pull an image" size="lg" closeOnClickOutside={false}>
      {start && <Body start={start} onClose={onClose} onPulled={onPulled} />}
    </Modal>
  );
}

const PLATFORMS = [
  "linux/amd64",
  "linux/arm64",
  "linux/arm/v7",
  "linux/386",
  "linux/ppc64le",
  "linux/s390x",
  "linux/riscv64",
];

interface BodyProps extends PullDialogProps {
  readonly start: PullStart;
}

function Body({ start, onClose, onPulled }: BodyProps): ReactNode {
  const { byId } = useEnvironments();
  const [text, setText] = useState(start.reference);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set(start.environmentIds));
  const [platform, setPlatform] = useState("");
  const [withLogin, setWithLogin] = useState(false);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [progress, setProgress] = useState<BatchProgress>();
  const [pulls, setPulls] = useState<ReadonlyMap<number, PullProgress>>(new Map());
  const [busy, setBusy] = useState(false);
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const parsed = parseImageReference(text);
  const hosts = [...chosen].flatMap((id) => byId.get(id) ?? []);
  const begin = async (): Promise<void> => {
    if (!parsed.ok) return;
    const controller = new AbortController();
    abort.current = controller;
    setBusy(true);
    setPulls(new Map());
    const credentials = withLogin && username !== "" ? { username, password } : undefined;
    const pull: Pull = { reference: parsed.reference, platform, credentials };
    const items = hosts.map(({ id }) => ({ key: String(id), id }));
    const tell = (id: number) => (now: PullProgress) => setPulls((before) => new Map([...before, [id, now]]));
    const end = await runBatch(items, ({ id }) => pullImage(id, pull, controller.signal, tell(id)), setProgress);
    setBusy(false);
    const done = items.filter(({ key }) => end.get(key)?.state === "done").map(({ id }) => id);
    if (done.length > 0) onPulled(done);
  };

  if (progress !== undefined) {
    const failed = [...progress.values()].filter(({ state }) => state === "failed").length;
    return (
      <Stack gap="md">
        <Text className="mono" style={{ overflowWrap: "anywhere" }}>
          {text}
        </Text>
        <Stack gap="md">
          {hosts.map(({ id, name }) => (
            <ProgressView
              key={id}
              name={name}
              progress={pulls.get(id)}
              state={progress.get(String(id))}
              beginning="asks the registry"
            />
          ))}
        </Stack>
        <Group justify="space-between" gap="xs">
          <Text fz="sm" role="status">
            {!busy && (failed === 0 ? "Pulled." : `Failed on ${count(failed, "host")}.`)}
          </Text>
          <Group gap="xs">
            {!busy && failed > 0 && (
              <Button variant="default" onClick={() => setProgress(undefined)}>
                Back
              </Button>
            )}
            {busy ? (
              <Button variant="default" onClick={() => abort.current?.abort()}>
                Cancel the pull
              </Button>
            ) : (
              <Button variant="default" onClick={onClose}>
                Close
              </Button>
            )}
          </Group>
        </Group>
      </Stack>
    );
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (parsed.ok && hosts.length > 0) void begin();
      }}
      autoComplete="off"
    >
      <Stack gap="md">
        <TextInput
          label="Image"
          placeholder="nginx:1.27"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={text !== "" && !parsed.ok ? parsed.problem : undefined}
          description={
            parsed.ok
              ? `From ${parsed.reference.registry}, ${parsed.reference.digest === undefined ? `tag ${parsed.reference.tag}` : "by its digest"}.`
              : "Name, tag and registry, as for docker pull."
          }
          data-autofocus
          spellCheck={false}
          required
        />
        <HostCheckboxes label="On these hosts" permission="image.pull" chosen={chosen} onChange={setChosen} />
        <Select
          label="Platform"
          placeholder="The host's own"
          data={PLATFORMS}
          value={platform === "" ? null : platform}
          onChange={(value) => setPlatform(value ?? "")}
          clearable
          clearButtonProps={{ "aria-label": "The host's own" }}
        />
        <div>
          <Button size="compact-sm" variant="subtle" aria-expanded={withLogin} onClick={() => setWithLogin(!withLogin)}>
            {withLogin ? "Without credentials" : "With credentials for the registry"}
          </Button>
          <Collapse expanded={withLogin}>
            <Stack gap="xs" mt="xs">
              <TextInput
                label="Username"
                value={username}
                onChange={(event) => setUsername(event.currentTarget.value)}
                autoComplete="off"
                spellCheck={false}
              />
              <PasswordInput
                label="Password or token"
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
                autoComplete="new-password"
              />
              <Text fz="xs" c="dimmed">
                Sent to the engines with this pull alone. Neither the hub nor this browser keeps them.
              </Text>
            </Stack>
          </Collapse>
        </div>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!parsed.ok || hosts.length === 0} loading={busy}>
            {hosts.length === 0 ? "Choose a host" : `Pull on ${count(hosts.length, "host")}`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
