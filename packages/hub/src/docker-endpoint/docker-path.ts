import { FairleadError } from "@fairlead/protocol";

/** A URL of the hub that is a call of an environment's Docker Engine API. */
export interface DockerUrl {
  /** Id or name, decoded. */
  readonly environment: string;
  /** What the engine is asked: path and query exactly as sent, without the hub's own `access_token`. Starts with `/`. */
  readonly path: string;
}

const DOCKER_URL = /^\/api\/v1\/environments\/([^/?#]+)\/docker(?=[/?]|$)(.*)$/s;

/** Takes a URL of the Docker endpoint apart; `undefined` when it is another one. */
export function parseDockerUrl(url: string): DockerUrl | undefined {
  const [, environment, path] = DOCKER_URL.exec(url) ?? [];
  if (environment === undefined || path === undefined) return undefined;
  const name = decode(environment);
  if (name === undefined) return undefined;
  return { environment: name, path: withoutAccessToken(path.startsWith("/") ? path : `/${path}`) };
}

/** The token that a browser puts in the query is for the hub; engines and their logs must not see it. */
function withoutAccessToken(path: string): string {
  const at = path.indexOf("?");
  if (at === -1 || !path.includes("access_token=", at)) return path;
  const kept = path
    .slice(at + 1)
    .split("&")
    .filter((pair) => !pair.startsWith("access_token="));
  return kept.length === 0 ? path.slice(0, at) : `${path.slice(0, at)}?${kept.join("&")}`;
}

/** The call's path without version, Podman's `/libpod` and query: what tables of routes are matched with. */
export function barePath(path: string): string {
  return (path.split("?", 1)[0] ?? "").replace(/^\/v\d+(\.\d+)*(?=\/)/, "").replace(/^\/libpod(?=\/)/, "");
}

export function queryOf(path: string): URLSearchParams {
  const at = path.indexOf("?");
  return new URLSearchParams(at === -1 ? "" : path.slice(at + 1));
}

/** Calls that the engine answers by taking the connection over; `/session` and `/grpc` are BuildKit's. */
const TAKE_OVERS: Readonly<Record<string, RegExp>> = {
  POST: /^\/(containers\/[^/]+\/attach|exec\/[^/]+\/start|session|grpc)$/,
  GET: /^\/containers\/[^/]+\/attach\/ws$/,
};

/** True when this call's connection becomes a two-way stream, whether or not the client asks for an upgrade. */
export function takesOverConnection(method: string, path: string): boolean {
  return TAKE_OVERS[method]?.test(barePath(path)) ?? false;
}

/**
 * The gate that every call of the endpoint passes: only the engine's API is behind it, and the path does not climb out.
 *
 * @throws FairleadError bad_request, not_found.
 */
export function admitPath(path: string): void {
  const bare = decode(path.split("?", 1)[0] ?? "");
  if (bare === undefined || bare.includes("\0")) throw badPath(path, "it is not valid percent-encoding");
  const segments = bare.split(/[/\\]/);
  if (segments.some((segment) => segment === ".." || segment === "."))
    throw badPath(path, 'it holds a "." or ".." segment');
  // Agents have paths of their own beside the engine's; those are not Docker's API.
  if (segments.find((segment) => segment !== "")?.toLowerCase() === "_hawser") {
    throw new FairleadError("not_found", `${path} is not part of the Docker Engine API.`);
  }
}

function badPath(path: string, problem: string): FairleadError {
  return new FairleadError("bad_request", `The path ${path} cannot be forwarded: ${problem}.`, {
    details: { field: "path" },
  });
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
