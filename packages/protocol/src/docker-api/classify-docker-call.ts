import { DOCKER_ENDPOINTS, type DockerEndpointRow } from "./docker-endpoints.ts";

/** A call that the table knows. */
export interface DockerCallClass {
  readonly endpoint: DockerEndpointRow;
  /** What stands for the path's `{id}` or `{name}`, decoded; undefined when it has none. */
  readonly subject: string | undefined;
  /** `1.45` of `/v1.45/…`; undefined when the path has none. */
  readonly apiVersion: string | undefined;
}

interface Matcher {
  readonly endpoint: DockerEndpointRow;
  readonly pattern: RegExp;
}

/** Rows whose path is spelled out, by method and path: they go before those with a name in them, since `/images/json` is no image. */
const SPELLED_OUT = new Map<string, DockerEndpointRow>();
/** The others, by method and the path's first segment: every call of every client is looked up. */
const NAMED = new Map<string, Matcher[]>();
for (const endpoint of DOCKER_ENDPOINTS) {
  const { method, path } = endpoint;
  if (path.includes("{")) {
    const key = `${method} ${firstSegment(path)}`;
    // Names of images and plugins may hold slashes; ids and names of everything else may not.
    const pattern = new RegExp(`^${path.replaceAll("{name}", "(.+)").replaceAll(/\{\w+\}/g, "([^/]+)")}$`);
    NAMED.set(key, [...(NAMED.get(key) ?? []), { endpoint, pattern }]);
  } else SPELLED_OUT.set(`${method} ${path}`, endpoint);
}

const VERSION = /^\/v(\d+\.\d+)(?=\/)/;

/**
 * Finds the row of a call; undefined when there is none, or when the path is spelled so that an engine might read it otherwise:
 * with empty, `.` or `..` segments, backslashes, control characters, a fragment, a trailing slash, or percent-encoding that is
 * wrong. Who has to refuse something refuses what this does not know.
 *
 * The path is decoded once, as engines do, and matched with its case. A HEAD counts as the GET of the same path.
 *
 * @param target path and query as in the request line.
 */
export function classifyDockerCall(method: string, target: string): DockerCallClass | undefined {
  const path = canonicalPath(target);
  if (path === undefined) return undefined;
  const apiVersion = VERSION.exec(path)?.[1];
  const bare = apiVersion === undefined ? path : path.slice(apiVersion.length + 2);
  const found = match(method, bare) ?? (method === "HEAD" ? match("GET", bare) : undefined);
  return found && { ...found, apiVersion };
}

/** Before it a start took a whole HostConfig as its body, and nobody knows what else. */
export const OLDEST_CHECKED_VERSION = "1.24";

/** False for versions whose bodies are not known. Who has to refuse something refuses them, too. */
export function hasCheckedVersion({ apiVersion = OLDEST_CHECKED_VERSION }: DockerCallClass): boolean {
  const [major = 0, minor = 0] = apiVersion.split(".").map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_CHECKED_VERSION.split(".").map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

function match(method: string, path: string): Omit<DockerCallClass, "apiVersion"> | undefined {
  const spelledOut = SPELLED_OUT.get(`${method} ${path}`);
  if (spelledOut) return { endpoint: spelledOut, subject: undefined };
  for (const { endpoint, pattern } of NAMED.get(`${method} ${firstSegment(path)}`) ?? []) {
    const found = pattern.exec(path);
    if (found) return { endpoint, subject: found[1] };
  }
  return undefined;
}

function firstSegment(path: string): string {
  return path.split("/", 2)[1] ?? "";
}

function canonicalPath(target: string): string | undefined {
  const raw = target.split("?", 1)[0] ?? "";
  let path: string;
  try {
    path = decodeURIComponent(raw);
  } catch {
    return undefined;
  }
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (!path.startsWith("/") || /[\u0000-\u001f\u007f\\#]/.test(path)) return undefined;
  const segments = path.slice(1).split("/");
  return segments.some((segment) => segment === "" || segment === "." || segment === "..") ? undefined : path;
}
