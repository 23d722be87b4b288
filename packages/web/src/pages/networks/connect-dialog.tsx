import { Modal, Select, Text, TextInput } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { connectContainer, type Network } from "../../docker/networks.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { useHostUsages } from "../resources/host-usages.ts";

interface ConnectDialogProps {
  readonly opened: boolean;
  readonly environment: Environment;
  readonly network: Network;
  readonly onClose: () => void;
  readonly onConnected: () => void;
}

/** Connects a container of the same host to a network. */
export function ConnectDialog({ opened, onClose, ...props }: ConnectDialogProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title={`Connect a container to ${props.network.Name}`}>
      {opened && <Body {...props} onClose={onClose} />}
    </Modal>
  );
}

function Body({ environment, network, onClose, onConnected }: Omit<ConnectDialogProps, "opened">): ReactNode {
  const usage = useHostUsages().get(environment.id);
  const [container, setContainer] = useState<string | null>(null);
  const [aliases, setAliases] = useState("");
  const [address, setAddress] = useState("");
  const free = (usage?.containers ?? []).filter(({ networks }) => !networks.some(({ name }) => name === network.Name));
  const chosen = free.find(({ id }) => id === container);
  const connect = async (): Promise<void> => {
    if (!chosen) return;
    const words = aliases.split(/[\s,]+/).filter((alias) => alias !== "");
    await connectContainer(environment.id, network.Id, {
      container: chosen.id,
      aliases: words,
      address: address.trim(),
    });
    notifyDone(`Connected ${chosen.name} to ${network.Name}`);
    onConnected();
  };
  return (
    <DialogForm
      action={chosen ? `Connect ${chosen.name}` : "Connect"}
      failure="The container was not connected"
      ready={chosen !== undefined}
      onSubmit={connect}
      onClose={onClose}
    >
      {free.length === 0 ? (
        <Text fz="sm">Every container of {environment.name} that is known belongs to this network already.</Text>
      ) : (
        <Select
          label="Container"
          placeholder="Choose a container"
          data={free.map(({ id, name, state }) => ({ value: id, label: `${name} (${state})` }))}
          value={container}
          onChange={setContainer}
          searchable
          required
          data-autofocus
        />
      )}
      <TextInput
        label="Aliases"
        description="Further names that it answers to on this network, with spaces between them."
        value={aliases}
        onChange={(event) => setAliases(event.currentTarget.value)}
        spellCheck={false}
      />
      <TextInput
        label="IPv4 address"
        description="Empty: the engine picks one. A fixed one needs a network whose subnet was given."
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
        spellCheck={false}
      />
    </DialogForm>
  );
}
