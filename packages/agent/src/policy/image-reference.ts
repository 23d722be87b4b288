import { globExpression } from "./glob.ts";

/** An image as a registry knows it. */
export interface ImageReference {
  /** `docker.io/library/nginx` */
  readonly repository: string;
  /** Only where the name says one, and no digest: engines do not look at it then. */
  readonly tag: string | undefined;
  /** `sha256:…` */
  readonly digest: string | undefined;
}

const REFERENCE = /^([^@]+?)(?::([\w][\w.-]{0,127}))?(?:@([a-z0-9]+:[0-9a-f]{32,128}))?$/;
const PATH = /^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;
const REGISTRY = /^[a-zA-Z0-9][a-zA-Z0-9.-]*(:\d{1,5})?$|^\[[0-9a-fA-F:]+\](:\d{1,5})?$/;

/** Reads a name as engines do; undefined for what is none, and for what could be an image's id. */
export function parseImageReference(text: string): ImageReference | undefined {
  // An engine takes the beginning of an id for the image; such a name says nothing about where it is from.
  if (/^(sha256:)?[0-9a-f]{1,64}$/.test(text)) return undefined;
  const [, name = "", tag, digest] = REFERENCE.exec(text) ?? [];
  const slash = name.indexOf("/");
  const first = slash === -1 ? "" : name.slice(0, slash);
  const hasRegistry = /[.:A-Z]/.test(first) || first === "localhost";
  const registry = hasRegistry ? first : "docker.io";
  const path = hasRegistry ? name.slice(slash + 1) : name;
  if (!REGISTRY.test(registry) || !PATH.test(path)) return undefined;
  const isHub = registry === "docker.io" || registry === "index.docker.io";
  const repository = isHub
    ? `docker.io/${path.includes("/") ? path : `library/${path}`}`
    : `${registry.toLowerCase()}/${path}`;
  return { repository, tag: digest === undefined ? tag : undefined, digest };
}

/** A pattern of images: `ghcr.io/acme/*`, with `:TAG` or `@DIGEST` behind it. */
export interface ImagePattern {
  readonly text: string;
  readonly hasTag: boolean;
  matches(image: ImageReference): boolean;
}

/** @returns undefined when the text is no pattern that begins with a registry */
export function parseImagePattern(text: string): ImagePattern | undefined {
  const [, repository = "", tag, digest] = /^([^@]+?)(?::([\w.*-]+))?(?:@([a-z0-9]+:[0-9a-f*]+))?$/.exec(text) ?? [];
  const [registry = "", ...path] = repository.split("/");
  if (path.length === 0 || path.includes("") || !/^[a-zA-Z0-9.:*[\]-]+$/.test(registry)) return undefined;
  if (!/[.:*]/.test(registry) && registry !== "localhost") return undefined;
  if (!/^[a-z0-9._*-]+$/.test(path.join("")) || (tag !== undefined && digest !== undefined)) return undefined;
  const repositories = globExpression(repository);
  const tags = tag === undefined ? undefined : globExpression(tag, true);
  const digests = digest === undefined ? undefined : globExpression(digest, true);
  return {
    text,
    hasTag: tag !== undefined,
    matches: (image) =>
      repositories.test(image.repository) &&
      (tags === undefined || (image.tag !== undefined && tags.test(image.tag))) &&
      (digests === undefined || (image.digest !== undefined && digests.test(image.digest))),
  };
}
