import { Autocomplete, Checkbox, Modal, SimpleGrid, TextInput } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useState } from "react";
import { createNetwork } from "../../docker/networks.ts";
import { DialogForm } from "../../ui/dialog-form.tsx";
import { notifyDone } from "../../ui/notify.tsx";
import { HostSelect } from "../resources/host-choice.tsx";
import { KeyValueField } from "../resources/key-value-field.tsx";
import { parseKeyValueLines } from "../resources/key-value-lines.ts";

interface CreateNetworkDialogProps {
  readonly opened: boolean;
  /** Chosen already. */
  readonly host: Environment | undefined;
  readonly onClose: () => void;
  readonly onCreated: (environmentIds: readonly number[]) => void;
}

export function CreateNetworkDialog({ opened, onClose, ...props }: CreateNetworkDialogProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title="Create a network">
      {opened && <Body {...props} onClose={onClose} />}
    </Modal>
  );
}

const DRIVERS = ["bridge", "macvlan", "ipvlan", "overlay"];

function Body({ host, onClose, onCreated }: Omit<CreateNetworkDialogProps, "opened">): ReactNode {
  const [environment, setEnvironment] = useState(host);
  const [name, setName] = useState("");
  const [driver, setDriver] = useState("bridge");
  const [subnet, setSubnet] = useState("");
  const [gateway, setGateway] = useState("");
  const [internal, setInternal] = useState(false);
  const [attachable, setAttachable] = useState(false);
  const [labels, setLabels] = useState("");
  const readLabels = parseKeyValueLines(labels, { bareNames: true });
  const gatewayAlone = gateway.trim() !== "" && subnet.trim() === "";
  const ready = environment !== undefined && name.trim() !== "" && readLabels.ok && !gatewayAlone;
  const create = async (): Promise<void> => {
    if (!environment || !readLabels.ok) return;
    const ipam = {
      ...(subnet.trim() === "" ? {} : { Subnet: subnet.trim() }),
      ...(gateway.trim() === "" ? {} : { Gateway: gateway.trim() }),
    };
    await createNetwork(environment.id, {
      Name: name.trim(),
      Driver: driver.trim(),
      Internal: internal,
      Attachable: attachable,
      Labels: readLabels.values,
      ...(Object.keys(ipam).length === 0 ? {} : { IPAM: { Config: [ipam] } }),
    });
    notifyDone(`Created the network ${name.trim()} on ${environment.name}`);
    onCreated([environment.id]);
  };
  return (
    <DialogForm action="Create" failure="The network was not created" ready={ready} onSubmit={create} onClose={onClose}>
      <HostSelect permission="network.create" value={environment} onChange={setEnvironment} />
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        spellCheck={false}
        required
        data-autofocus
      />
      <Autocomplete label="Driver" data={DRIVERS} value={driver} onChange={setDriver} required />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput
          label="Subnet"
          placeholder="10.20.0.0/24"
          description="Empty: the engine picks one."
          value={subnet}
          onChange={(event) => setSubnet(event.currentTarget.value)}
          spellCheck={false}
        />
        <TextInput
          label="Gateway"
          placeholder="10.20.0.1"
          description="Empty: the first address."
          value={gateway}
          onChange={(event) => setGateway(event.currentTarget.value)}
          error={gatewayAlone ? "A gateway needs a subnet." : undefined}
          spellCheck={false}
        />
      </SimpleGrid>
      <Checkbox
        label="Internal"
        description="Containers on it reach each other, and nothing outside."
        checked={internal}
        onChange={(event) => setInternal(event.currentTarget.checked)}
      />
      <Checkbox
        label="Attachable"
        description="Containers that no service made can join it, too; for overlay networks of a swarm."
        checked={attachable}
        onChange={(event) => setAttachable(event.currentTarget.checked)}
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
