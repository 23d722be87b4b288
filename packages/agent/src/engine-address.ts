import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ConfigReader, invalid } from "./config-reader.ts";

/** TLS towards an engine; texts are PEM. */
export interface EngineTls {
  ca?: string;
  cert?: string;
  key?: string;
  skipVerify: boolean;
}

/** Where the Docker Engine listens. */
export type EngineAddress =
  | { kind: "unix"; path: string }
  | { kind: "tcp"; host: string; port: number; tls?: EngineTls };

/** Where an engine listens when nobody moved it. */
export const DEFAULT_SOCKET = "/var/run/docker.sock";

/** Ports of the engine as IANA lists them: plain and TLS. */
const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

const SOCKET_ALLOWED =
  "allowed is the absolute path of a socket, also as unix:///path (an engine on TCP goes to DOCKER_HOST)";
const HOST_ALLOWED = "allowed are unix:///path, tcp://host:port, http://host:port and https://host:port";

/**
 * The engine that `DOCKER_SOCKET` or `DOCKER_HOST` names (the first wins), else the first socket that is there of the usual
 * places, else `/var/run/docker.sock`: an engine may be started after the agent.
 *
 * TLS follows Docker's own variables: `DOCKER_TLS_VERIFY`, and `ca.pem`, `cert.pem`, `key.pem` in `DOCKER_CERT_PATH`. The engine's
 * certificate is checked unless `DOCKER_TLS_VERIFY` says no.
 *
 * @param home home folder of the user
 * @throws FairleadError `config_invalid`
 */
export function readEngineAddress(read: ConfigReader, home: string): EngineAddress {
  const socket = read.text("DOCKER_SOCKET");
  if (socket !== undefined) {
    const path = socket.startsWith("unix://") ? socket.slice("unix://".length) : socket;
    if (!path.startsWith("/")) throw invalid("DOCKER_SOCKET", socket, SOCKET_ALLOWED);
    return { kind: "unix", path };
  }
  const host = read.text("DOCKER_HOST");
  if (host !== undefined) return parseDockerHost(read, host);
  const found = usualPlaces(read, home).find((path) => isSocket(path));
  return { kind: "unix", path: found ?? DEFAULT_SOCKET };
}

/** Docker's, rootless Docker's, Docker Desktop's and Podman's sockets, the likeliest first. */
function usualPlaces(read: ConfigReader, home: string): string[] {
  const runtime = read.text("XDG_RUNTIME_DIR");
  return [
    DEFAULT_SOCKET,
    ...(runtime === undefined ? [] : [join(runtime, "docker.sock")]),
    join(home, ".docker/run/docker.sock"),
    "/run/podman/podman.sock",
    ...(runtime === undefined ? [] : [join(runtime, "podman/podman.sock")]),
  ];
}

function isSocket(path: string): boolean {
  try {
    return statSync(path).isSocket();
  } catch {
    return false;
  }
}

function parseDockerHost(read: ConfigReader, value: string): EngineAddress {
  if (value.startsWith("unix://")) {
    const path = value.slice("unix://".length);
    if (!path.startsWith("/")) throw invalid("DOCKER_HOST", value, HOST_ALLOWED);
    return { kind: "unix", path };
  }
  const match = /^(tcp|https?):\/\/(\[[0-9a-fA-F:.]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?\/?$/.exec(value);
  if (!match) throw invalid("DOCKER_HOST", value, HOST_ALLOWED);
  const [, scheme, host = "", port] = match;
  const wantsTls =
    scheme === "https" ||
    (scheme === "tcp" && (read.boolean("DOCKER_TLS_VERIFY", false) || read.text("DOCKER_CERT_PATH") !== undefined));
  const number = port === undefined ? (wantsTls ? TLS_PORT : PLAIN_PORT) : Number(port);
  if (number < 1 || number > 65_535) throw invalid("DOCKER_HOST", value, "allowed are ports from 1 to 65535");
  return {
    kind: "tcp",
    host: host.replace(/^\[|\]$/g, ""),
    port: number,
    ...(wantsTls ? { tls: readTls(read) } : {}),
  };
}

function readTls(read: ConfigReader): EngineTls {
  const folder = read.text("DOCKER_CERT_PATH");
  const tls: EngineTls = { skipVerify: !read.boolean("DOCKER_TLS_VERIFY", true) };
  if (folder === undefined) return tls;
  for (const part of ["ca", "cert", "key"] as const) {
    const pem = readPem(join(folder, `${part}.pem`));
    if (pem !== undefined) tls[part] = pem;
  }
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw invalid("DOCKER_CERT_PATH", folder, "the folder must hold cert.pem and key.pem both, or neither");
  }
  if (tls.ca === undefined && tls.cert === undefined) {
    throw invalid("DOCKER_CERT_PATH", folder, "allowed is a folder with ca.pem, cert.pem and key.pem that can be read");
  }
  return tls;
}

function readPem(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
