import type { Environment } from "@fairlead/protocol/rest";
import { isPredefined, type Network, removeNetwork, subnetsOf } from "../../docker/networks.ts";
import { isAlive, type UsingContainer } from "../../docker/using-container.ts";
import type { FilterSubject } from "../../filter/filter.ts";
import type { HostList } from "../resources/host-lists.ts";
import { labelTexts } from "../resources/key-values.tsx";
import { listed } from "../resources/prune-preview.ts";
import type { Removal } from "../resources/remove-dialog.tsx";
import { type HostUsage, networkUsers } from "../resources/usage.ts";

/** A network with its host and who belongs to it. */
export interface NetworkRow {
  readonly key: string;
  readonly environment: Environment;
  readonly network: Network;
  readonly predefined: boolean;
  readonly subnets: readonly string[];
  /** Undefined: the host's containers are not known. */
  readonly users: readonly UsingContainer[] | undefined;
}

export function networkRows(
  hosts: readonly HostList<readonly Network[]>[],
  usages: ReadonlyMap<number, HostUsage>,
): readonly NetworkRow[] {
  return hosts.flatMap(({ environment, data = [] }) => {
    const usage = usages.get(environment.id);
    return data.map((network) => ({
      key: `${environment.id}/${network.Id}`,
      environment,
      network,
      predefined: isPredefined(network),
      subnets: subnetsOf(network),
      users: usage && networkUsers(usage, network.Name),
    }));
  });
}

export const NETWORK_FIELDS = ["host", "name", "driver", "scope", "subnet", "label", "used", "internal", "attachable"];

const yes = (is: boolean): string => (is ? "yes" : "no");

export function networkSubject({ environment, network, subnets, users }: NetworkRow): FilterSubject {
  return {
    text: [network.Name, ...subnets, environment.name, ...(users ?? []).map(({ name }) => name)].join(" "),
    field: (field) => {
      switch (field) {
        case "host":
          return environment.name;
        case "name":
          return network.Name;
        case "driver":
          return network.Driver;
        case "scope":
          return network.Scope;
        case "subnet":
          return subnets;
        case "label":
          return labelTexts(network.Labels);
        case "used":
          return users === undefined ? "unknown" : yes(users.length > 0);
        case "internal":
          return yes(network.Internal);
        case "attachable":
          return yes(network.Attachable);
        default:
          return undefined;
      }
    },
  };
}

export const NETWORK_REMOVAL = {
  noun: "network",
  warning:
    "The networks go from these hosts. Stopped containers that belong to one cannot start until it is there again.",
};

export const PREDEFINED_REASON = "the engine made it and needs it: it cannot be removed.";

export function networkRemoval(environment: Environment, network: Network, users: readonly UsingContainer[]): Removal {
  const alive = users.filter(isAlive);
  const stopped = users.filter((user) => !isAlive(user));
  return {
    key: `${environment.id}/${network.Id}`,
    name: network.Name,
    environment,
    ...(stopped.length > 0
      ? { detail: `Stopped containers that belong to it: ${listed(stopped.map(({ name }) => name))}` }
      : {}),
    blocked() {
      if (isPredefined(network)) return PREDEFINED_REASON;
      if (alive.length > 0)
        return `${listed(alive.map(({ name }) => name))} ${alive.length === 1 ? "is" : "are"} on it. Disconnect or stop ${alive.length === 1 ? "it" : "them"} first.`;
      return undefined;
    },
    run: () => removeNetwork(environment.id, network.Id),
  };
}
