import * as net from "node:net";
import * as tls from "node:tls";

/** A connection that neither side's proxies take for dead: a NAT forgets one after minutes, `docker wait` takes hours. */
const KEEP_ALIVE_MS = 30_000;

/** A hub that has not accepted by then is not there: the kernel alone would try for minutes. */
const CONNECT_TIMEOUT_MS = 15_000;

/** Opens a connection to the hub: TCP, or TLS for an https URL. Errors come as its `error` event. */
export function dialHub(hub: URL): net.Socket {
  const isTls = hub.protocol === "https:";
  const host = hub.hostname.replace(/^\[|\]$/g, "");
  const port = hub.port === "" ? (isTls ? 443 : 80) : Number(hub.port);
  // The Docker API uses half-close: output goes on after stdin has ended.
  const options = { host, port, allowHalfOpen: true };
  const socket = isTls
    ? tls.connect({ ...options, ALPNProtocols: ["http/1.1"], ...(net.isIP(host) === 0 ? { servername: host } : {}) })
    : net.connect(options);
  // A keystroke must not wait for the acknowledgement of the one before.
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  const timer = setTimeout(() => {
    socket.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`));
  }, CONNECT_TIMEOUT_MS);
  const settled = (): void => clearTimeout(timer);
  socket.once(isTls ? "secureConnect" : "connect", settled).once("close", settled);
  return socket;
}
