/** An image's name taken apart. */
export interface ImageReference {
  /** `docker.io` where none was written. */
  readonly registry: string;
  /** As it was written, without tag and digest; what the engine is asked for. */
  readonly name: string;
  /** `latest` where neither tag nor digest was written. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

export type ParsedReference =
  | { readonly ok: true; readonly reference: ImageReference }
  | { readonly ok: false; readonly problem: string };

const DOCKER_HUB = "docker.io";
/** The engine's own limit on repository names. */
const MAX_NAME_LENGTH = 255;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const REGISTRY = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-f]{32,}$/;

const bad = (problem: string): ParsedReference => ({ ok: false, problem });

/** Reads `[registry/]repository[:tag][@digest]` by the engine's rules, and says what is wrong with it. */
export function parseImageReference(text: string): ParsedReference {
  const written = text.trim();
  if (written === "") return bad("Enter an image, such as nginx:1.27 or ghcr.io/owner/name.");
  if (/\s/.test(written)) return bad("An image's name has no spaces.");
  if (/^https?:\/\//i.test(written)) return bad("Leave out https://: start with the registry's name.");
  const [beforeDigest = "", ...digests] = written.split("@");
  const digest = digests[0];
  if (digests.length > 1 || (digest !== undefined && !DIGEST.test(digest)))
    return bad("What follows @ must be a digest, such as sha256: with 64 digits.");
  // A colon after the last slash begins the tag; one before it belongs to the registry's port.
  const colon = beforeDigest.indexOf(":", beforeDigest.lastIndexOf("/") + 1);
  const name = colon === -1 ? beforeDigest : beforeDigest.slice(0, colon);
  const tag = colon === -1 ? undefined : beforeDigest.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag))
    return bad(`The tag "${tag}" is not one: letters, digits, and . _ - inside, at most 128.`);
  const [first = "", ...others] = name.split("/");
  const hasRegistry =
    others.length > 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  if (hasRegistry && !REGISTRY.test(first)) return bad(`"${first}" is not the name of a registry.`);
  const components = hasRegistry ? others : [first, ...others];
  const wrong = components.find((component) => !COMPONENT.test(component));
  if (wrong !== undefined) {
    return bad(
      wrong === ""
        ? "A part of the name is empty: look at the slashes."
        : `"${wrong}" is not a part of an image's name: lower case letters, digits, and . _ - inside.`,
    );
  }
  if (name.length > MAX_NAME_LENGTH) return bad(`The name has more than ${MAX_NAME_LENGTH} characters.`);
  const registry = !hasRegistry || first === "index.docker.io" ? DOCKER_HUB : first;
  return {
    ok: true,
    reference: { registry, name, tag: tag ?? (digest === undefined ? "latest" : undefined), digest },
  };
}

/** Credentials for one call, as the engine takes them. Nothing keeps them. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/** The value of `X-Registry-Auth`. */
export function registryAuth({ username, password }: RegistryCredentials, registry: string): string {
  const serveraddress = registry === DOCKER_HUB ? "https://index.docker.io/v1/" : registry;
  const bytes = new TextEncoder().encode(JSON.stringify({ username, password, serveraddress }));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
