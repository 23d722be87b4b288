import { once } from "node:events";
import * as net from "node:net";
import { waitFor } from "@fairlead/testkit";
import type { DockerEndpointTarget } from "./docker-carrier.ts";
import { dialHub } from "./hub-dialer.ts";

/** A hub whose answers a test writes itself, byte for byte; it can go and come back on the same port. */
export class ScriptedHub {
  /** All that were ever accepted. */
  readonly connections: ScriptedConnection[] = [];
  /** Called for each new one. */
  onConnection: (connection: ScriptedConnection) => void = () => {};
  #server: net.Server | undefined;
  #port = 0;

  readonly target: DockerEndpointTarget = {
    dial: (wait) => dialHub(new URL(`http://127.0.0.1:${this.#port}`), wait),
    pathPrefix: "/api/v1/environments/7/docker",
    host: "hub.example",
    authorization: "Bearer secret",
  };

  async start(): Promise<this> {
    const server = net.createServer({ allowHalfOpen: true }, (socket) => {
      const connection = new ScriptedConnection(socket);
      this.connections.push(connection);
      this.onConnection(connection);
    });
    this.#server = server;
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as net.AddressInfo).port;
    return this;
  }

  async connection(index = 0): Promise<ScriptedConnection> {
    await waitFor(() => this.connections.length > index, { what: `connection ${index} to the hub` });
    return this.connections[index] as ScriptedConnection;
  }

  stop(): void {
    this.#server?.close();
    for (const { socket } of this.connections) socket.destroy();
  }
}

/** One side of a connection: what came, and whether its end did. */
export class ScriptedConnection {
  readonly socket: net.Socket;
  received = "";
  ended = false;
  closed = false;

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => (this.received += bytes.toString("latin1")));
    socket.on("end", () => (this.ended = true));
    socket.on("close", () => (this.closed = true));
    socket.on("error", () => {});
  }

  send(text: string): void {
    this.socket.write(text, "latin1");
  }

  async until(text: string): Promise<void> {
    await waitFor(() => this.received.includes(text), { what: () => `${text}, got ${JSON.stringify(this.received)}` });
  }
}
