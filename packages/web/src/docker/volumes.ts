import { hub } from "../hub/client.ts";
import { dockerCall, dockerJson } from "./call.ts";

/** A volume of `/volumes`; field names are Docker's. */
export interface Volume {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  /** ISO 8601. */
  readonly CreatedAt?: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Options: Readonly<Record<string, string>> | null;
  readonly Scope: string;
  /** Only disk usage tells it; `Size` is -1 where the driver cannot. */
  readonly UsageData?: { readonly Size: number; readonly RefCount: number } | null;
}

export interface VolumesPruneReport {
  readonly VolumesDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}

/** Made for a container that did not name it. Engines before 23 do not mark them; their names tell. */
export function isAnonymous({ Name, Labels }: Pick<Volume, "Name" | "Labels">): boolean {
  return Object.hasOwn(Labels ?? {}, "com.docker.volume.anonymous") || /^[0-9a-f]{64}$/.test(Name);
}

export function removeVolume(environmentId: number, name: string): Promise<Response> {
  return dockerCall(environmentId, `/volumes/${encodeURIComponent(name)}`, { method: "DELETE" });
}

export interface NewVolume {
  /** Empty: the engine makes one up. */
  readonly Name: string;
  readonly Driver: string;
  readonly DriverOpts: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
}

export function createVolume(environmentId: number, volume: NewVolume): Promise<Volume> {
  return dockerJson(environmentId, "/volumes/create", { method: "POST", json: volume });
}

/** From this API version on the engine can leave volumes with names alone. */
export const ANONYMOUS_PRUNE_VERSION = "1.42";

/** @param all those with names, too. Only anonymous ones needs {@link ANONYMOUS_PRUNE_VERSION}: an engine before it takes all. */
export async function pruneVolumes(environmentId: number, all: boolean): Promise<VolumesPruneReport> {
  // Asked in the older version, newer engines take all, too.
  if (all) return dockerJson(environmentId, "/volumes/prune", { method: "POST" });
  const path = `/v${ANONYMOUS_PRUNE_VERSION}/volumes/prune`;
  const response = await hub.docker(environmentId, path, { method: "POST" });
  return (await response.json()) as VolumesPruneReport;
}
