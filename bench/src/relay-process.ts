/**
 * One end of a bare relay, in a process of its own: Node.js's sockets and `pipe`, and nothing of ours.
 *
 * - `hub [CERT KEY]` joins each caller with a connection that the other end has dialled.
 * - `agent PORT SOCKET [CA]` dials, and joins what it dialled with the engine as soon as bytes come.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";

const [role, ...args] = process.argv.slice(2);
process.on("SIGTERM", () => process.exit(0));
if (role === "hub") await startHub(args);
else startAgent(args);

async function startHub([certPath, keyPath]: string[]): Promise<void> {
  const listen = async (serve: (socket: Socket) => void): Promise<number> => {
    const served = (socket: Socket): void => serve(socket.on("error", () => socket.destroy()));
    const server: Server =
      certPath === undefined || keyPath === undefined
        ? createServer({ noDelay: true }, served)
        : createTlsServer({ noDelay: true, cert: readFileSync(certPath), key: readFileSync(keyPath) }, served);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const dialled: Socket[] = [];
  const waiting: ((agent: Socket) => void)[] = [];
  const agents = await listen((agent) => {
    const join = waiting.shift();
    if (join === undefined) dialled.push(agent);
    else join(agent);
  });
  const callers = await listen((caller) => {
    const join = (agent: Socket): void => void caller.pipe(agent).pipe(caller);
    const agent = dialled.shift();
    if (agent === undefined) waiting.push(join);
    else join(agent);
  });
  console.log(`agents on ${agents}, callers on ${callers}`);
}

function startAgent([port, socketPath = "", caPath]: string[]): void {
  const to = { host: "127.0.0.1", port: Number(port), noDelay: true };
  const dial = (): void => {
    const hub = caPath === undefined ? connect(to) : connectTls({ ...to, ca: readFileSync(caPath) });
    hub.on("error", () => hub.destroy());
    hub.once(caPath === undefined ? "connect" : "secureConnect", () => console.log("dialled"));
    hub.once("data", (first) => {
      dial();
      const engine = connect(socketPath);
      engine.on("error", () => engine.destroy());
      engine.write(first);
      hub.pipe(engine).pipe(hub);
    });
  };
  dial();
}
