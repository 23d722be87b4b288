import { dockerCall, dockerJson } from "./call.ts";

/** An image of `/images/json`; field names are Docker's. */
export interface ImageSummary {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  /** Unix time in seconds. */
  readonly Created: number;
  readonly Size: number;
  /** Bytes of layers that other images have, too; -1 where it was not counted. Only disk usage tells it. */
  readonly SharedSize?: number;
  readonly Labels: Readonly<Record<string, string>> | null;
}

export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Created?: string;
  readonly Size: number;
  readonly Architecture?: string;
  readonly Variant?: string;
  readonly Os?: string;
  readonly Author?: string;
  readonly Comment?: string;
  readonly Config: {
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Env?: readonly string[] | null;
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
    readonly Volumes?: Readonly<Record<string, unknown>> | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly WorkingDir?: string;
    readonly User?: string;
    readonly StopSignal?: string;
    readonly Healthcheck?: { readonly Test?: readonly string[] | null } | null;
  } | null;
  readonly RootFS?: { readonly Layers?: readonly string[] | null };
}

/** A step of `/images/{name}/history`, newest first. */
export interface ImageStep {
  readonly Id: string;
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Size: number;
  readonly Comment: string;
  readonly Tags: readonly string[] | null;
}

/** A line of what a removal or a prune did. */
export interface ImageDeletion {
  readonly Untagged?: string;
  readonly Deleted?: string;
}

export interface ImagesPruneReport {
  readonly ImagesDeleted: readonly ImageDeletion[] | null;
  readonly SpaceReclaimed: number;
}

const NO_NAME = /<none>/;

/** Its `repository:tag` names; older engines call one without a name `<none>:<none>`. */
export function tagsOf({ RepoTags }: Pick<ImageSummary, "RepoTags">): readonly string[] {
  return (RepoTags ?? []).filter((tag) => !NO_NAME.test(tag));
}

export function digestsOf({ RepoDigests }: Pick<ImageSummary, "RepoDigests">): readonly string[] {
  return (RepoDigests ?? []).filter((digest) => !NO_NAME.test(digest));
}

/** What people call it: its first tag, or the repository that it was pulled from by digest. */
export function imageName(image: Pick<ImageSummary, "RepoTags" | "RepoDigests">): string {
  return tagsOf(image)[0] ?? digestsOf(image)[0]?.split("@")[0] ?? "<none>";
}

/** A part of a path of the engine's API: a name with its slashes, which the engine reads as they are. */
export function imagePath(name: string): string {
  return `/images/${name.split("/").map(encodeURIComponent).join("/")}`;
}

/**
 * Takes an image off a host with all its names.
 * @param force also where stopped containers were made of it. Running ones hold it in any case.
 */
export async function removeImage(
  environmentId: number,
  image: Pick<ImageSummary, "Id" | "RepoTags">,
  force: boolean,
): Promise<void> {
  const tags = tagsOf(image);
  // By its id the engine takes several names only by force, and then from stopped containers, too.
  const names = force || tags.length < 2 ? [image.Id] : tags;
  for (const name of names)
    await dockerCall(environmentId, `${imagePath(name)}${force ? "?force=1" : ""}`, { method: "DELETE" });
}

export function tagImage(environmentId: number, id: string, repository: string, tag: string): Promise<Response> {
  const query = new URLSearchParams({ repo: repository, tag });
  return dockerCall(environmentId, `${imagePath(id)}/tag?${query.toString()}`, { method: "POST" });
}

/** @param all unused ones with names, too; else only those without. */
export function pruneImages(environmentId: number, all: boolean): Promise<ImagesPruneReport> {
  const filters = encodeURIComponent(JSON.stringify({ dangling: [all ? "false" : "true"] }));
  return dockerJson(environmentId, `/images/prune?filters=${filters}`, { method: "POST" });
}
