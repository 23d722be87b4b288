import { Checkbox, Fieldset, PasswordInput, Stack, Textarea, TextInput } from "@mantine/core";
import type { EnvironmentKind } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";
import { type DialInput, HAS_TLS, HAS_TOKEN } from "./dial-input.ts";
import { fieldError } from "./field-error.ts";

export const DIAL_FIELD_NAMES = ["address", "token", "tls"] as const;

const ADDRESSES: Record<Exclude<EnvironmentKind, "edge">, { readonly example: string; readonly meaning: string }> = {
  standard: {
    example: "https://nas.example:2376",
    meaning: "Where its agent listens: http:// or https://, host and port (2376 when there is none).",
  },
  direct: {
    example: "tcp://10.0.0.5:2375",
    meaning: "Where its Docker Engine listens: tcp:// without TLS (2375), https:// with it (2376).",
  },
  socket: {
    example: "/var/run/docker.sock",
    meaning: "Path of the socket on the hub's own machine.",
  },
};

export interface DialFieldsProps {
  readonly kind: EnvironmentKind;
  readonly value: DialInput;
  readonly onChange: (value: DialInput) => void;
  readonly error: unknown;
  /** The hub keeps secrets already: what stays empty stays as it is. */
  readonly isChange?: boolean;
}

/** How the hub reaches a host: address, token, TLS. Of an edge host, whose agent dials, nothing. */
export function DialFields({ kind, value, onChange, error, isChange = false }: DialFieldsProps): ReactNode {
  if (kind === "edge") return null;
  const { example, meaning } = ADDRESSES[kind];
  const kept = isChange ? " Empty: as it is." : "";
  return (
    <>
      <TextInput
        label="Address"
        description={meaning}
        placeholder={example}
        required
        autoComplete="off"
        value={value.address}
        onChange={({ currentTarget }) => onChange({ ...value, address: currentTarget.value })}
        error={fieldError(error, "address")}
      />
      {HAS_TOKEN.has(kind) && (
        <PasswordInput
          label="Token"
          description={`What the agent was started with as its TOKEN; the hub shows it to the agent.${kept}`}
          autoComplete="new-password"
          value={value.token}
          onChange={({ currentTarget }) => onChange({ ...value, token: currentTarget.value })}
          error={fieldError(error, "token")}
        />
      )}
      {HAS_TLS.has(kind) && <TlsFields value={value} onChange={onChange} error={error} kept={kept} />}
    </>
  );
}

const PEMS = [
  ["caCert", "Authority", "Certificates to trust instead of the hub's system's."],
  ["clientCert", "Client certificate", "Shows the host that it is this hub; with its key."],
  ["clientKey", "Client key", "The key of the client certificate. It is never shown again."],
] as const;

function TlsFields(
  props: Pick<DialFieldsProps, "value" | "onChange" | "error"> & { readonly kept: string },
): ReactNode {
  const { value, onChange, error, kept } = props;
  const ofTls = fieldError(error, "tls");
  const isPlaced = [...PEMS.map(([name]) => name), "serverName", "skipVerify"].some((name) =>
    fieldError(error, `tls.${name}`),
  );
  return (
    <Fieldset legend="TLS, for an address that starts with https://" radius="sm">
      <Stack gap="sm">
        {PEMS.map(([name, label, meaning]) => (
          <Textarea
            key={name}
            label={`${label} (PEM)`}
            description={meaning + (name === "clientKey" ? kept : "")}
            autosize
            minRows={2}
            maxRows={6}
            spellCheck={false}
            autoComplete="off"
            classNames={{ input: "mono" }}
            value={value[name]}
            onChange={({ currentTarget }) => onChange({ ...value, [name]: currentTarget.value })}
            error={fieldError(error, `tls.${name}`)}
          />
        ))}
        <TextInput
          label="Server name"
          description="The name that its certificate must be for, when that is not the address's."
          autoComplete="off"
          value={value.serverName}
          onChange={({ currentTarget }) => onChange({ ...value, serverName: currentTarget.value })}
          error={fieldError(error, "tls.serverName")}
        />
        <Checkbox
          label="Accept any certificate"
          description="Whoever answers at the address is taken for the host: for a first try, not for good."
          checked={value.skipVerify}
          onChange={({ currentTarget }) => onChange({ ...value, skipVerify: currentTarget.checked })}
          error={fieldError(error, "tls.skipVerify") ?? (isPlaced ? undefined : ofTls)}
        />
      </Stack>
    </Fieldset>
  );
}
