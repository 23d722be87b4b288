import type { Environment } from "@fairlead/protocol/rest";
import type { DiskUsage } from "../../docker/disk-usage.ts";
import type { UsingContainer } from "../../docker/using-container.ts";
import { isAlive } from "../../docker/using-container.ts";
import { isAnonymous, removeVolume, type Volume } from "../../docker/volumes.ts";
import type { FilterSubject } from "../../filter/filter.ts";
import type { HostList } from "../resources/host-lists.ts";
import { labelTexts } from "../resources/key-values.tsx";
import { listed } from "../resources/prune-preview.ts";
import type { Removal } from "../resources/remove-dialog.tsx";
import { type HostUsage, volumeUsers } from "../resources/usage.ts";

/** A volume with its host, who uses it, and its size where it was measured. */
export interface VolumeRow {
  readonly key: string;
  readonly environment: Environment;
  readonly volume: Volume;
  readonly anonymous: boolean;
  /** Undefined: the host's containers are not known. */
  readonly users: readonly UsingContainer[] | undefined;
  /** Undefined: not measured, or the driver cannot tell. */
  readonly bytes: number | undefined;
}

export function volumeRows(
  hosts: readonly HostList<readonly Volume[]>[],
  usages: ReadonlyMap<number, HostUsage>,
  sizes: readonly HostList<DiskUsage>[],
): readonly VolumeRow[] {
  const measured = new Map(
    sizes.map(({ environment, data }) => [
      environment.id,
      new Map((data?.Volumes ?? []).map(({ Name, UsageData }) => [Name, UsageData?.Size ?? -1])),
    ]),
  );
  return hosts.flatMap(({ environment, data = [] }) => {
    const usage = usages.get(environment.id);
    const ofHost = measured.get(environment.id);
    return data.map((volume) => {
      const bytes = ofHost?.get(volume.Name) ?? -1;
      return {
        key: `${environment.id}/${volume.Name}`,
        environment,
        volume,
        anonymous: isAnonymous(volume),
        users: usage && volumeUsers(usage, volume.Name),
        bytes: bytes < 0 ? undefined : bytes,
      };
    });
  });
}

export const VOLUME_FIELDS = ["host", "name", "driver", "label", "used", "anonymous"];

export function volumeSubject({ environment, volume, anonymous, users }: VolumeRow): FilterSubject {
  return {
    text: [volume.Name, volume.Mountpoint, environment.name].join(" "),
    field: (field) => {
      switch (field) {
        case "host":
          return environment.name;
        case "name":
          return volume.Name;
        case "driver":
          return volume.Driver;
        case "label":
          return labelTexts(volume.Labels);
        case "used":
          return users === undefined ? "unknown" : users.length > 0 ? "yes" : "no";
        case "anonymous":
          return anonymous ? "yes" : "no";
        default:
          return undefined;
      }
    },
  };
}

export const VOLUME_REMOVAL = {
  noun: "volume",
  warning: "The volumes go with all the data in them. There is no way back.",
};

export function volumeRemoval(environment: Environment, name: string, users: readonly UsingContainer[]): Removal {
  return {
    key: `${environment.id}/${name}`,
    name,
    environment,
    blocked: () =>
      users.length === 0
        ? undefined
        : `${listed(users.map((user) => (isAlive(user) ? user.name : `${user.name} (${user.state})`)))} ${users.length === 1 ? "has" : "have"} it. Remove the ${users.length === 1 ? "container" : "containers"} first.`,
    run: () => removeVolume(environment.id, name),
  };
}
