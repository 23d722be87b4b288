import { type ImageDeletion, type ImageSummary, imageName, tagsOf } from "../../docker/images.ts";
import { isPredefined, type Network, subnetsOf } from "../../docker/networks.ts";
import { isAlive } from "../../docker/using-container.ts";
import { isAnonymous, type Volume } from "../../docker/volumes.ts";
import { shortId } from "../../ui/format.ts";
import { type HostUsage, imageUsers, networkUsers, volumeUsers } from "./usage.ts";

/** Something that a prune would take. */
export interface PruneItem {
  /** What the engine calls it when it says that it is gone. */
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  /** All of its size; what others share with it does not come free. Undefined: not known. */
  readonly bytes?: number;
  /** What only it has. */
  readonly uniqueBytes?: number;
}

/** What a prune of one host would do, as of when it was read. */
export interface PrunePreview {
  readonly items: readonly PruneItem[];
  /** What else will change that the items do not tell. */
  readonly warnings: readonly string[];
  /** Names of everything that could be told of, by id: what is taken beyond the preview gets its name from it. */
  readonly known: ReadonlyMap<string, string>;
}

/** What a prune did. */
export interface PruneOutcome {
  readonly removed: readonly string[];
  /** Names that images lost. */
  readonly untagged: readonly string[];
  /** Undefined: the engine does not tell (networks have no size). */
  readonly freedBytes?: number;
}

/**
 * Images that no container was made of: those without a name, or all of them.
 * @param sizes of the engine's disk usage, where it was asked: how much of an image is its own.
 */
export function previewImages(
  images: readonly ImageSummary[],
  usage: HostUsage,
  all: boolean,
  sizes?: readonly ImageSummary[],
): PrunePreview {
  const users = imageUsers(usage, images);
  const unique = new Map(
    (sizes ?? []).map(({ Id, Size, SharedSize = -1 }) => [Id, SharedSize < 0 ? undefined : Size - SharedSize]),
  );
  const items: PruneItem[] = [];
  const losing: string[] = [];
  for (const image of images) {
    const tags = tagsOf(image);
    if (!all && tags.length > 0) continue;
    const inUse = (users.get(image.Id) ?? []).length > 0;
    // The engine takes names one by one, and stops only at the last one of an image in use.
    if (inUse && all && tags.length > 1) losing.push(imageName(image));
    if (inUse) continue;
    const own = unique.get(image.Id);
    items.push({
      id: image.Id,
      name: tags.length > 0 ? tags.join(", ") : imageName(image),
      detail: shortId(image.Id),
      bytes: image.Size,
      ...(own === undefined ? {} : { uniqueBytes: own }),
    });
  }
  const warnings =
    losing.length === 0
      ? []
      : [
          `Images in use stay, but the engine takes all names but one from those with several: ${listed(losing)}. Which one stays is its choice.`,
        ];
  const known = new Map(images.map((image) => [image.Id, imageName(image)]));
  return { items: bySize(items), warnings, known };
}

/** Volumes of the engine's own driver that no container has: those without a name of their own, or all of them. */
export function previewVolumes(
  volumes: readonly Volume[],
  usage: HostUsage,
  all: boolean,
  sizes?: readonly Volume[],
): PrunePreview {
  const bytes = new Map((sizes ?? []).map(({ Name, UsageData }) => [Name, UsageData?.Size ?? -1]));
  const items: PruneItem[] = [];
  let foreign = 0;
  for (const volume of volumes) {
    if ((!all && !isAnonymous(volume)) || volumeUsers(usage, volume.Name).length > 0) continue;
    if (volume.Driver !== "local") {
      foreign++;
      continue;
    }
    const size = bytes.get(volume.Name) ?? -1;
    items.push({
      id: volume.Name,
      name: isAnonymous(volume) ? volume.Name.slice(0, 12) : volume.Name,
      detail: isAnonymous(volume) ? "anonymous" : "named",
      ...(size < 0 ? {} : { bytes: size, uniqueBytes: size }),
    });
  }
  const warnings =
    foreign === 0
      ? []
      : [
          `${foreign} unused of other drivers ${foreign === 1 ? "stays" : "stay"}: the engine prunes the driver "local" only.`,
        ];
  return { items: bySize(items), warnings, known: new Map(volumes.map(({ Name }) => [Name, Name])) };
}

/** Networks that no running container is on. Stopped containers do not hold theirs. */
export function previewNetworks(networks: readonly Network[], usage: HostUsage): PrunePreview {
  const items: PruneItem[] = [];
  const warnings: string[] = [];
  for (const network of networks) {
    if (isPredefined(network)) continue;
    const users = networkUsers(usage, network.Name);
    if (users.some(isAlive)) continue;
    items.push({
      id: network.Name,
      name: network.Name,
      detail: [network.Driver, ...subnetsOf(network)].join(" · "),
    });
    if (users.length > 0) {
      warnings.push(
        `${network.Name} goes although ${listed(users.map(({ name }) => name))} ${users.length === 1 ? "belongs" : "belong"} to it: stopped containers do not hold a network, and cannot start without it.`,
      );
    }
    if (network.Scope === "swarm") warnings.push(`${network.Name} stays if a swarm service uses it.`);
  }
  items.sort((a, b) => a.name.localeCompare(b.name));
  return { items, warnings, known: new Map(networks.map(({ Name }) => [Name, Name])) };
}

/** What comes free: at least what only these have, at most all that they have. Undefined where a size is not known. */
export function freedBytes(items: readonly PruneItem[]): { readonly atLeast?: number; readonly atMost?: number } {
  const atLeast = sum(items.map(({ uniqueBytes }) => uniqueBytes));
  const atMost = sum(items.map(({ bytes }) => bytes));
  return {
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(atMost === undefined ? {} : { atMost }),
  };
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    total += value;
  }
  return total;
}

/** What was to go and stayed, and what went beside it. */
export interface PruneDifference {
  readonly stayed: readonly PruneItem[];
  readonly also: readonly string[];
}

export function comparePrune({ items, known }: PrunePreview, { removed, untagged }: PruneOutcome): PruneDifference {
  const gone = new Set(removed);
  const expected = new Set(items.map(({ id }) => id));
  // Layers of images have ids, too; only what the lists know is something that people know.
  const also = removed.filter((id) => !expected.has(id) && known.has(id)).map((id) => known.get(id) ?? id);
  const names = new Set(items.flatMap(({ name }) => name.split(", ")));
  const lost = untagged.filter((name) => !names.has(name) && !name.includes("@")).map((name) => `the name ${name}`);
  return { stayed: items.filter(({ id }) => !gone.has(id)), also: [...also, ...lost] };
}

/** Ids and names of an engine's report of images. */
export function readDeletions(deletions: readonly ImageDeletion[] | null): Pick<PruneOutcome, "removed" | "untagged"> {
  return {
    removed: (deletions ?? []).flatMap(({ Deleted }) => (Deleted === undefined ? [] : [Deleted])),
    untagged: (deletions ?? []).flatMap(({ Untagged }) => (Untagged === undefined ? [] : [Untagged])),
  };
}

const bySize = (items: PruneItem[]): PruneItem[] =>
  items.sort((a, b) => (b.bytes ?? -1) - (a.bytes ?? -1) || a.name.localeCompare(b.name));

/** More names than this are a number. */
const MAX_LISTED = 5;

/** `a`, `a and b`, `a, b, c, d, e and 3 more`. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
