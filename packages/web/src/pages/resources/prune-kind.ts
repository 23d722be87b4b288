import type { EnvironmentPermission } from "@fairlead/protocol";
import type { ContainerSummary, Environment } from "@fairlead/protocol/rest";
import { speaksVersion } from "../../docker/api-version.ts";
import { dockerJson } from "../../docker/call.ts";
import type { DiskUsage } from "../../docker/disk-usage.ts";
import { type ImageSummary, pruneImages } from "../../docker/images.ts";
import { type Network, pruneNetworks } from "../../docker/networks.ts";
import { usingContainer } from "../../docker/using-container.ts";
import { ANONYMOUS_PRUNE_VERSION, pruneVolumes, type Volume } from "../../docker/volumes.ts";
import {
  previewImages,
  previewNetworks,
  previewVolumes,
  type PruneOutcome,
  type PrunePreview,
  readDeletions,
} from "./prune-preview.ts";
import { type HostUsage, usageOf } from "./usage.ts";

/** What is on a host, read for a prune's preview. */
interface Inventory<T> {
  readonly items: readonly T[];
  readonly usage: HostUsage;
}

/** A choice of what a prune takes. */
export interface PruneMode {
  readonly all: boolean;
  readonly label: string;
  readonly description: string;
}

/** How things of one kind are pruned. */
export interface PruneKind<T = never> {
  readonly noun: string;
  readonly permission: EnvironmentPermission;
  readonly modes: readonly PruneMode[];
  /** What the engine's disk usage can tell of it. */
  readonly sized: "image" | "volume" | undefined;
  readonly read: (environment: Environment, signal: AbortSignal) => Promise<Inventory<T>>;
  preview(inventory: Inventory<T>, all: boolean, sizes: DiskUsage | undefined): PrunePreview;
  /** Why this host cannot do it in this way. */
  refusal(environment: Environment, all: boolean): string | undefined;
  prune(environmentId: number, all: boolean): Promise<PruneOutcome>;
}

const inventory = async <T>(id: number, signal: AbortSignal, read: () => Promise<T[]>): Promise<Inventory<T>> => {
  // Afresh from the engine: a container of this moment counts.
  const [items, containers] = await Promise.all([
    read(),
    dockerJson<ContainerSummary[]>(id, "/containers/json?all=1", { signal }),
  ]);
  return { items, usage: usageOf(containers.map(usingContainer)) };
};

export const IMAGE_PRUNE: PruneKind<ImageSummary> = {
  noun: "image",
  permission: "image.remove",
  modes: [
    { all: false, label: "Dangling", description: "Images without a name that no container was made of." },
    { all: true, label: "All unused", description: "Every image that no container was made of, with its names." },
  ],
  sized: "image",
  read: ({ id }, signal) =>
    inventory(id, signal, () => dockerJson<ImageSummary[]>(id, "/images/json?all=0", { signal })),
  preview: ({ items, usage }, all, sizes) => previewImages(items, usage, all, sizes?.Images ?? undefined),
  refusal: () => undefined,
  async prune(id, all) {
    const { ImagesDeleted, SpaceReclaimed } = await pruneImages(id, all);
    return { ...readDeletions(ImagesDeleted), freedBytes: SpaceReclaimed };
  },
};

export const VOLUME_PRUNE: PruneKind<Volume> = {
  noun: "volume",
  permission: "volume.remove",
  modes: [
    {
      all: false,
      label: "Anonymous",
      description: "Volumes without a name of their own that no container has, running or stopped.",
    },
    {
      all: true,
      label: "All unused",
      description: "Every volume that no container has, with the data in it. Data of stacks that are down goes, too.",
    },
  ],
  sized: "volume",
  read: ({ id }, signal) =>
    inventory(id, signal, async () => (await dockerJson<VolumeList>(id, "/volumes", { signal })).Volumes ?? []),
  preview: ({ items, usage }, all, sizes) => previewVolumes(items, usage, all, sizes?.Volumes ?? undefined),
  refusal: ({ engineInfo }, all) =>
    all || speaksVersion(engineInfo?.apiVersion, ANONYMOUS_PRUNE_VERSION)
      ? undefined
      : `Its engine (API ${engineInfo?.apiVersion ?? "not known"}) cannot leave volumes with names alone: that needs API ${ANONYMOUS_PRUNE_VERSION}.`,
  async prune(id, all) {
    const { VolumesDeleted, SpaceReclaimed } = await pruneVolumes(id, all);
    return { removed: VolumesDeleted ?? [], untagged: [], freedBytes: SpaceReclaimed };
  },
};

interface VolumeList {
  readonly Volumes: Volume[] | null;
}

export const NETWORK_PRUNE: PruneKind<Network> = {
  noun: "network",
  permission: "network.remove",
  modes: [
    {
      all: true,
      label: "Unused",
      description: "Networks that no running container is on. The engine's own stay.",
    },
  ],
  sized: undefined,
  read: ({ id }, signal) => inventory(id, signal, () => dockerJson<Network[]>(id, "/networks", { signal })),
  preview: ({ items, usage }) => previewNetworks(items, usage),
  refusal: () => undefined,
  async prune(id) {
    const { NetworksDeleted } = await pruneNetworks(id);
    return { removed: NetworksDeleted ?? [], untagged: [] };
  },
};
