import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import * as net from "node:net";

/** An HTTP proxy that knows CONNECT only, as stand between many hosts and the internet. */
export interface ConnectProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Every CONNECT that came, whatever the answer. */
  readonly calls: readonly ConnectProxyCall[];
  /** Answers each further CONNECT with this status, for example `407 Proxy Authentication Required`; undefined: lets it through. */
  refuseWith: string | undefined;
  /** Closes the proxy and all that goes through it. */
  stop(): Promise<void>;
}

/** One CONNECT. */
export interface ConnectProxyCall {
  /** `host:port` */
  readonly target: string;
  /** What it had in `Proxy-Authorization`. */
  readonly authorization: string | undefined;
}

/** Starts a proxy on a free port of 127.0.0.1. A target that cannot be reached is answered 502. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const proxy = new ListeningProxy();
  await proxy.listen();
  return proxy;
}

class ListeningProxy implements ConnectProxy {
  readonly calls: ConnectProxyCall[] = [];
  refuseWith: string | undefined;
  readonly #server: Server = createServer((_request, response) => void response.writeHead(405).end());
  readonly #sockets = new Set<net.Socket>();

  constructor() {
    this.#server.on("connect", (request: IncomingMessage, client: net.Socket, head: Buffer) => {
      this.#connect(request, client, head);
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  #connect(request: IncomingMessage, client: net.Socket, head: Buffer): void {
    const target = request.url ?? "";
    this.calls.push({ target, authorization: request.headers["proxy-authorization"] });
    this.#hold(client);
    if (this.refuseWith !== undefined) {
      client.end(`HTTP/1.1 ${this.refuseWith}\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${target}`);
    let isConnected = false;
    const there = net.connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) }, () => {
      isConnected = true;
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      there.write(head);
      there.pipe(client).pipe(there);
    });
    this.#hold(there);
    there.once("error", () => {
      if (isConnected) client.destroy();
      else client.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    });
    client.once("close", () => there.destroy());
  }

  #hold(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => {}).once("close", () => this.#sockets.delete(socket));
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
