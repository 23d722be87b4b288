import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { createVolume } from "../../docker/volumes.ts";
import { ErrorNote } from "../../ui/error-note.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { HostSelect } from "../resources/host-choice.tsx";
import { parseKeyValueLines } from "../resources/key-value-lines.ts";

interface CreateVolumeDialogProps {
  readonly opened: boolean;
  /** Chosen already. */
  readonly host: Environment | undefined;
  readonly onClose: () => void;
  readonly onCreated: (environmentIds: readonly number[]) => void;
}

export function CreateVolumeDialog({ opened, onClose, ...props }: CreateVolumeDialogProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title="Create a volume">
      {opened && <Body {...props} onClose={onClose} />}
    </Modal>
  );
}

function Body({ host, onClose, onCreated }: Omit<CreateVolumeDialogProps, "opened">): ReactNode {
  const [environment, setEnvironment] = useState(host);
  const [name, setName] = useState("");
  const [driver, setDriver] = useState("local");
  const [options, setOptions] = useState("");
  const [labels, setLabels] = useState("");
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const readOptions = parseKeyValueLines(options);
  const readLabels = parseKeyValueLines(labels, { bareNames: true });
  const create = async (): Promise<void> => {
    if (!environment || !readOptions.ok || !readLabels.ok) return;
    setBusy(true);
    setError(undefined);
    try {
      const { Name } = await createVolume(environment.id, {
        Name: name.trim(),
        Driver: driver.trim(),
        DriverOpts: readOptions.values,
        Labels: readLabels.values,
      });
      notifyDone(`Created the volume ${Name} on ${environment.name}`);
      onCreated([environment.id]);
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <Stack gap="md">
        <HostSelect permission="volume.create" value={environment} onChange={setEnvironment} />
        <TextInput
          label="Name"
          description="Empty: the engine makes one up."
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          spellCheck={false}
          data-autofocus
        />
        <TextInput
          label="Driver"
          value={driver}
          onChange={(event) => setDriver(event.currentTarget.value)}
          spellCheck={false}
          required
        />
        <Textarea
          label="Driver options"
          description="name=value, one a line; for NFS type=nfs, o=addr=10.0.0.1,rw and device=:/export."
          value={options}
          onChange={(event) => setOptions(event.currentTarget.value)}
          error={readOptions.ok ? undefined : readOptions.problem}
          autosize
          minRows={2}
          maxRows={8}
          classNames={{ input: "mono" }}
          spellCheck={false}
        />
        <Textarea
          label="Labels"
          description="name=value, one a line."
          value={labels}
          onChange={(event) => setLabels(event.currentTarget.value)}
          error={readLabels.ok ? undefined : readLabels.problem}
          autosize
          minRows={2}
          maxRows={8}
          classNames={{ input: "mono" }}
          spellCheck={false}
        />
        {error !== undefined && <ErrorNote error={error} title="The volume was not created" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={!environment || !readOptions.ok || !readLabels.ok}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
