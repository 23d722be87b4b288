import { lookup } from "node:dns/promises";
import { once } from "node:events";
import * as net from "node:net";
import * as tls from "node:tls";
import { type Examination, LayerProblem } from "./finding.ts";

export interface RouteOptions {
  /** CONNECT proxy to go through. */
  readonly proxy?: URL;
  /** Trusted instead of the system's, PEM. */
  readonly caCert?: string;
  readonly skipVerify?: boolean;
  /** Judges the other end's key in the place of the authorities: says what is wrong with it. */
  readonly checkKey?: (socket: tls.TLSSocket) => Error | undefined;
}

/** A layer that says nothing for so long is broken, even on a slow mobile link. */
const TIMEOUT_MS = 10_000;
/** Certificates that end sooner are worth a word. */
const EXPIRY_WARNING_DAYS = 14;
const DAY_MS = 86_400_000;
/** A proxy's answer to CONNECT is a few headers. */
const MAX_PROXY_HEAD_BYTES = 16 * 1024;

/** Opens a way to the URL's host layer by layer: DNS, TCP, a proxy's CONNECT, TLS. @throws StopHere at the first that fails. */
export async function openRoute(examination: Examination, url: URL, options: RouteOptions): Promise<net.Socket> {
  const isTls = url.protocol === "https:" || url.protocol === "wss:";
  const host = bare(url.hostname);
  const port = Number(url.port || (isTls ? 443 : 80));
  const { proxy } = options;
  const first = proxy === undefined ? { host, port } : { host: bare(proxy.hostname), port: Number(proxy.port || 3128) };
  if (net.isIP(first.host) === 0) await examination.layer("DNS", () => resolveName(first.host));
  const socket = await examination.layer("TCP", () => connect(first.host, first.port));
  socket.on("error", () => {});
  try {
    if (proxy) await examination.layer("proxy", () => askProxy(socket, proxy, `${host}:${port}`));
    return isTls ? await examination.layer("TLS", () => secure(socket, host, options)) : socket;
  } catch (error) {
    // Left open it would keep the command from ending until the other side gives up.
    socket.destroy();
    throw error;
  }
}

async function resolveName(host: string): Promise<{ detail: string; value: void }> {
  try {
    const addresses = await withTimeout(lookup(host, { all: true }), `no answer from the name server for ${host}`);
    return { detail: `${host} is ${addresses.map(({ address }) => address).join(", ")}`, value: undefined };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new LayerProblem(
      code === "ENOTFOUND" ? `the name ${host} does not exist` : `the name ${host} cannot be resolved (${code})`,
      "check the spelling of the URL and this machine's name servers (/etc/resolv.conf)",
    );
  }
}

async function connect(host: string, port: number): Promise<{ detail: string; value: net.Socket }> {
  const socket = net.connect({ host, port });
  try {
    await withTimeout(once(socket, "connect"), `${host}:${port} does not answer`);
    return { detail: `${socket.remoteAddress}:${port} accepts connections`, value: socket };
  } catch (error) {
    socket.destroy();
    const { code } = (error instanceof AggregateError ? error.errors[0] : error) as NodeJS.ErrnoException;
    const advice: Record<string, string> = {
      ECONNREFUSED: "nothing listens on that port: is it started, and is the port right?",
      EHOSTUNREACH: "there is no way to that host: check the network and the address",
      ENETUNREACH: "there is no way to that network: check this machine's network",
      ECONNRESET: "something on the way (a firewall) cuts the connection",
    };
    const reason = code === undefined ? (error as Error).message : `cannot connect to ${host}:${port} (${code})`;
    throw new LayerProblem(
      reason,
      advice[code ?? ""] ?? "a firewall may drop it: check that the port is open on the way",
    );
  }
}

async function askProxy(socket: net.Socket, proxy: URL, target: string): Promise<{ detail: string; value: void }> {
  const credentials =
    proxy.username === "" ? undefined : `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const lines = [
    `CONNECT ${target} HTTP/1.1`,
    `Host: ${target}`,
    ...(credentials === undefined ? [] : [`Proxy-Authorization: Basic ${Buffer.from(credentials).toString("base64")}`]),
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const head = await withTimeout(readHead(socket), `the proxy ${proxy.host} does not answer CONNECT`);
  const status = Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1]);
  if (status === 200) return { detail: `${proxy.host} lets us through to ${target}`, value: undefined };
  const advice: Record<number, string> = {
    407: "it wants a user name and password: HTTPS_PROXY=http://user:password@host:port",
    403: "it does not allow this host or port: ask whoever runs it, or put the host into NO_PROXY",
  };
  throw new LayerProblem(
    Number.isNaN(status)
      ? `${proxy.host} does not answer like a proxy`
      : `the proxy ${proxy.host} answers ${status} to CONNECT ${target}`,
    advice[status] ?? "check HTTP_PROXY, HTTPS_PROXY and NO_PROXY",
  );
}

/** What comes up to the empty line, or until the other side closes. */
function readHead(socket: net.Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let head = "";
  const take = (chunk: Buffer): void => {
    head += chunk.toString("latin1");
    if (head.includes("\r\n\r\n") || head.length > MAX_PROXY_HEAD_BYTES) resolve(head);
  };
  const close = (): void => resolve(head);
  socket.on("data", take).once("close", close);
  return promise.finally(() => socket.off("data", take).off("close", close).pause());
}

async function secure(
  plain: net.Socket,
  host: string,
  options: RouteOptions,
): Promise<{ detail: string; value: net.Socket }> {
  const socket = tls.connect({
    socket: plain,
    ...(net.isIP(host) === 0 ? { servername: host } : {}),
    ...(options.caCert === undefined ? {} : { ca: options.caCert }),
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: false,
  });
  socket.on("error", () => {});
  await withTimeout(once(socket, "secureConnect"), `${host} does not speak TLS on that port`).catch(
    (error: unknown) => {
      const advice = "is this an http:// (or ws://) address? Something on the way may also cut TLS";
      throw new LayerProblem(`no TLS with ${host}: ${(error as Error).message}`, advice);
    },
  );
  const certificate = socket.getPeerCertificate();
  const name = [certificate.subject?.CN].flat().at(0) ?? "unnamed";
  // Node gives the code of the failure here, whatever its type says.
  const failure = socket.authorized ? undefined : String(socket.authorizationError);
  const identity = failure === undefined ? tls.checkServerIdentity(host, certificate)?.message : undefined;
  const problem = failure ?? identity;
  const wrongKey = options.checkKey?.(socket);
  if (wrongKey) throw new LayerProblem(wrongKey.message, "see that nobody stands between, then do as it says");
  if (problem !== undefined && !options.skipVerify && !options.checkKey) {
    throw new LayerProblem(
      `the certificate '${name}' of ${host} is not accepted: ${problem}`,
      certificateAdvice(problem),
    );
  }
  const days = Math.floor((Date.parse(certificate.valid_to) - Date.now()) / DAY_MS);
  const soon = days < EXPIRY_WARNING_DAYS ? `, which ends in ${days} days` : "";
  const by = options.checkKey ? "known by its key" : "not checked";
  const unchecked = problem === undefined ? "" : ` (${by}: ${problem})`;
  return { detail: `${socket.getProtocol() ?? "TLS"} with certificate '${name}'${soon}${unchecked}`, value: socket };
}

function certificateAdvice(problem: string): string {
  if (/EXPIRED/.test(problem)) return "renew it, or check this machine's clock";
  if (/NOT_YET_VALID/.test(problem)) return "check this machine's clock";
  if (/SELF_SIGNED|UNABLE_TO/.test(problem)) {
    return "trust its issuer: FAIRLEAD_CA_CERT=file.pem for the command line, CA_CERT=file.pem for an agent";
  }
  return "use a host name that the certificate is made out for";
}

/** @throws LayerProblem after 10 s. */
export async function withTimeout<T>(promise: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const advice = "a firewall may drop it: check that the port is open on the way";
  const timer = setTimeout(() => reject(new LayerProblem(`${what} within ${TIMEOUT_MS / 1000} s`, advice)), TIMEOUT_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}
