import { Checkbox, Select, Stack, Text } from "@mantine/core";
import type { EnvironmentPermission } from "@fairlead/protocol";
import type { Environment } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";
import { type Allowance, actionAllowance } from "../../hub/access.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { useMe } from "../../hub/session.ts";

/** Whether something can be done on any of these hosts, for the button that opens its dialog; the first reason when on none. */
export function useAnyAllowed(permission: EnvironmentPermission, environments: readonly Environment[]): Allowance {
  const me = useMe();
  const all = environments.map((environment) => actionAllowance(me, permission, environment));
  return all.find(({ allowed }) => allowed) ?? all[0] ?? { allowed: false, reason: "No host is known yet." };
}

interface HostCheckboxesProps {
  readonly label: string;
  readonly permission: EnvironmentPermission;
  /** Ids. */
  readonly chosen: ReadonlySet<number>;
  readonly onChange: (chosen: ReadonlySet<number>) => void;
}

/** Hosts to tick; those where it cannot be done are off, with the reason. */
export function HostCheckboxes({ label, permission, chosen, onChange }: HostCheckboxesProps): ReactNode {
  const { list } = useEnvironments();
  const me = useMe();
  const toggle = (id: number): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  return (
    <Stack component="fieldset" gap={4} m={0} p={0} style={{ border: "none", minWidth: 0 }}>
      <Text component="legend" fz="sm" fw={500} mb={4}>
        {label}
      </Text>
      <Stack gap="xs" className="fl-scroll-list" p="xs">
        {list.map((environment) => {
          const allowance = actionAllowance(me, permission, environment);
          return (
            <Checkbox
              key={environment.id}
              label={environment.name}
              description={allowance.allowed ? undefined : allowance.reason}
              checked={chosen.has(environment.id)}
              disabled={!allowance.allowed}
              onChange={() => toggle(environment.id)}
            />
          );
        })}
      </Stack>
    </Stack>
  );
}

interface HostSelectProps {
  readonly permission: EnvironmentPermission;
  readonly value: Environment | undefined;
  readonly onChange: (environment: Environment | undefined) => void;
}

/** One host; those where it cannot be done say why. */
export function HostSelect({ permission, value, onChange }: HostSelectProps): ReactNode {
  const { list, byId } = useEnvironments();
  const me = useMe();
  const reasons = new Map(list.map((environment) => [environment.id, actionAllowance(me, permission, environment)]));
  return (
    <Select
      label="Host"
      required
      searchable
      placeholder="Choose a host"
      data={list.map(({ id, name }) => ({
        value: String(id),
        label: name,
        disabled: reasons.get(id)?.allowed === false,
      }))}
      value={value === undefined ? null : String(value.id)}
      onChange={(id) => onChange(id === null ? undefined : byId.get(Number(id)))}
      renderOption={({ option }) => {
        const allowance = reasons.get(Number(option.value));
        return (
          <Stack gap={0}>
            {option.label}
            {allowance?.allowed === false && <Text fz="xs">{allowance.reason}</Text>}
          </Stack>
        );
      }}
    />
  );
}
