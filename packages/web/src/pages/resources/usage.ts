import type { ImageSummary } from "../../docker/images.ts";
import { tagsOf } from "../../docker/images.ts";
import type { UsingContainer } from "../../docker/using-container.ts";

/** Who on one host uses what. */
export interface HostUsage {
  readonly containers: readonly UsingContainer[];
  readonly byImageId: ReadonlyMap<string, readonly UsingContainer[]>;
  readonly byVolume: ReadonlyMap<string, readonly UsingContainer[]>;
  readonly byNetwork: ReadonlyMap<string, readonly UsingContainer[]>;
}

const NOBODY: readonly UsingContainer[] = [];

/** The relation from what is used to who uses it, of one host's containers, stopped ones included. */
export function usageOf(containers: readonly UsingContainer[]): HostUsage {
  const byImageId = new Map<string, UsingContainer[]>();
  const byVolume = new Map<string, UsingContainer[]>();
  const byNetwork = new Map<string, UsingContainer[]>();
  for (const container of containers) {
    add(byImageId, container.imageId, container);
    for (const volume of new Set(container.volumes)) add(byVolume, volume, container);
    for (const { name } of container.networks) add(byNetwork, name, container);
  }
  return { containers, byImageId, byVolume, byNetwork };
}

function add(map: Map<string, UsingContainer[]>, key: string, container: UsingContainer): void {
  const list = map.get(key);
  if (list) list.push(container);
  else map.set(key, [container]);
}

/**
 * Who uses each image, by the image's id. Engines that keep images of several platforms give a container another id than the list does:
 * a container whose id no image has counts for the image of its name.
 */
export function imageUsers(
  usage: HostUsage,
  images: readonly Pick<ImageSummary, "Id" | "RepoTags">[],
): ReadonlyMap<string, readonly UsingContainer[]> {
  const users = new Map<string, UsingContainer[]>();
  const ids = new Set(images.map(({ Id }) => Id));
  const byName = new Map<string, string>();
  for (const image of images) for (const tag of tagsOf(image)) byName.set(tag, image.Id);
  for (const container of usage.containers) {
    const { imageId, imageName } = container;
    const named = byName.get(imageName) ?? byName.get(`${imageName}:latest`);
    const id = ids.has(imageId) ? imageId : named;
    if (id !== undefined) add(users, id, container);
  }
  return users;
}

export function volumeUsers(usage: HostUsage, name: string): readonly UsingContainer[] {
  return usage.byVolume.get(name) ?? NOBODY;
}

/** By name: a container that never ran knows no network's id. */
export function networkUsers(usage: HostUsage, name: string): readonly UsingContainer[] {
  return usage.byNetwork.get(name) ?? NOBODY;
}
