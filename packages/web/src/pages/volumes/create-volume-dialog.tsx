import { Modal, TextInput } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { createVolume } from "../../docker/volumes.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { HostSelect } from "../resources/host-choice.tsx";
import { KeyValueField } from "../resources/key-value-field.tsx";
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
  const readOptions = parseKeyValueLines(options);
  const readLabels = parseKeyValueLines(labels, { bareNames: true });
  const create = async (): Promise<void> => {
    if (!environment || !readOptions.ok || !readLabels.ok) return;
    const { Name } = await createVolume(environment.id, {
      Name: name.trim(),
      Driver: driver.trim(),
      DriverOpts: readOptions.values,
      Labels: readLabels.values,
    });
    notifyDone(`Created the volume ${Name} on ${environment.name}`);
    onCreated([environment.id]);
  };
  return (
    <DialogForm
      action="Create"
      failure="The volume was not created"
      ready={environment !== undefined && readOptions.ok && readLabels.ok}
      onSubmit={create}
      onClose={onClose}
    >
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
      <KeyValueField
        label="Driver options"
        description="name=value, one a line; for NFS type=nfs, o=addr=10.0.0.1,rw and device=:/export."
        value={options}
        onChange={setOptions}
        reading={readOptions}
      />
      <KeyValueField
        label="Labels"
        description="name=value, one a line."
        value={labels}
        onChange={setLabels}
        reading={readLabels}
      />
    </DialogForm>
  );
}
