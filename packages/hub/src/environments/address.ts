import { FairleadError } from "@fairlead/protocol";
import type { DialTls, EnvironmentKind } from "@fairlead/protocol/rest";

/** Where the hub dials to reach an engine or a listening agent. */
export type DialTarget =
  | { readonly type: "unix"; readonly path: string }
  | { readonly type: "tcp"; readonly host: string; readonly port: number; readonly secure: boolean };

/** Ports that the other end listens on unless the address says otherwise: a listening agent's, and Docker's two. */
const DEFAULT_PORT = { standard: 2376, direct: 2375, directTls: 2376 } as const;

/** Linux allows 107 bytes in a unix socket's path, other systems fewer. */
const MAX_SOCKET_PATH_BYTES = 107;

const EXAMPLES: Record<EnvironmentKind, string> = {
  edge: "none",
  standard: "http://host:2376 or https://host:2376",
  direct: "tcp://host:2375 or https://host:2376",
  socket: "unix:///var/run/docker.sock or /var/run/docker.sock",
};

/**
 * Checks an environment's address and brings it into the one form that is stored: `http(s)://host:port` (standard),
 * `tcp://host:port` or `https://host:port` (direct), `unix:///path` (socket), null (edge).
 *
 * A direct address with TLS settings is TLS, however it is written, as Docker's own client has it.
 *
 * @throws FairleadError bad_request, with `details.field` = "address".
 */
export function normaliseAddress(
  kind: EnvironmentKind,
  address: string | undefined,
  tls: DialTls | null,
): string | null {
  if (kind === "edge") {
    if (address !== undefined) throw wrongAddress(kind, address, "its agent dials the hub");
    return null;
  }
  if (address === undefined) throw wrongAddress(kind, undefined, "the hub has to know where to dial");
  return formatTarget(kind, kind === "socket" ? socketTarget(address) : tcpTarget(kind, address, tls !== null));
}

/** The target of a stored address: the only place that takes one apart. */
export function dialTarget(kind: EnvironmentKind, address: string): DialTarget {
  return kind === "socket" ? socketTarget(address) : tcpTarget(kind, address, false);
}

function formatTarget(kind: EnvironmentKind, target: DialTarget): string {
  if (target.type === "unix") return `unix://${target.path}`;
  const plain = kind === "direct" ? "tcp" : "http";
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  return `${target.secure ? "https" : plain}://${host}:${target.port}`;
}

function socketTarget(address: string): DialTarget {
  const path = address.startsWith("unix://") ? address.slice("unix://".length) : address;
  if (!path.startsWith("/")) throw wrongAddress("socket", address, "the path of the socket must be absolute");
  if (path.includes("\0")) throw wrongAddress("socket", address, "the path holds a NUL");
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    throw wrongAddress("socket", address, `a socket's path may have ${MAX_SOCKET_PATH_BYTES} bytes`);
  }
  return { type: "unix", path };
}

const SCHEMES: Record<"standard" | "direct", readonly string[]> = {
  standard: ["http:", "https:"],
  direct: ["tcp:", "http:", "https:"],
};

function tcpTarget(kind: EnvironmentKind, address: string, hasTls: boolean): DialTarget {
  if (kind !== "standard" && kind !== "direct") throw wrongAddress(kind, address, "this kind has none");
  const scheme = /^([a-z][a-z0-9+.-]*:)\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined || !SCHEMES[kind].includes(scheme)) throw wrongAddress(kind, address, "the scheme is wrong");
  const rest = address.slice(scheme.length + 2);
  const url = URL.parse(`http://${rest}`);
  if (!url || url.hostname === "") throw wrongAddress(kind, address, "it names no host, or a port that is none");
  if (url.username !== "" || url.password !== "") {
    throw wrongAddress(kind, address, "it must not hold a user or password; a standard agent's token goes in `token`");
  }
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    throw wrongAddress(kind, address, "nothing may follow the port");
  }
  const secure = scheme === "https:" || (kind === "direct" && hasTls);
  // Not url.port: it is empty for 80, the scheme's own.
  const written = /:(\d+)\/?$/.exec(rest)?.[1];
  const port = written === undefined ? defaultPort(kind, secure) : Number(written);
  if (port === 0) throw wrongAddress(kind, address, "0 is not a port to dial");
  return { type: "tcp", host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port, secure };
}

function defaultPort(kind: "standard" | "direct", secure: boolean): number {
  if (kind === "standard") return DEFAULT_PORT.standard;
  return secure ? DEFAULT_PORT.directTls : DEFAULT_PORT.direct;
}

function wrongAddress(kind: EnvironmentKind, address: string | undefined, problem: string): FairleadError {
  // What stands before an @ may be a password.
  const what = address === undefined || address.includes("@") ? "address" : `address ${JSON.stringify(address)}`;
  return new FairleadError(
    "bad_request",
    `The ${what} does not fit an environment of kind ${kind}: ${problem}. Allowed: ${EXAMPLES[kind]}.`,
    { details: { field: "address" } },
  );
}
