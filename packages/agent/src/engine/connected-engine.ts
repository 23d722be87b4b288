import { once } from "node:events";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import { FairleadError } from "@fairlead/protocol";
import type { EngineClient } from "./engine-client.ts";
import { engineFailure } from "./engine-failure.ts";

/** An engine on the same machine accepts at once; over TCP a lost packet costs seconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** A unix socket whose queue is full refuses with EAGAIN instead of waiting: a burst is over within a second. */
const BUSY_TRIES = 20;
const BUSY_PAUSE_MS = 50;

/**
 * A connection to the engine, established, on which failed writes do not end the reading.
 * @throws FairleadError `engine_unreachable`, `engine_timeout`
 */
export async function connectedEngine(engine: Pick<EngineClient, "connect" | "name">): Promise<Duplex> {
  for (let tries = 1; ; tries += 1) {
    const socket = engine.connect();
    try {
      await established(socket, engine.name);
      ignoreFailedWrites(socket);
      return socket;
    } catch (error) {
      socket.destroy();
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || tries === BUSY_TRIES) {
        throw engineFailure(error, engine.name, "head");
      }
      await sleep(BUSY_PAUSE_MS);
    }
  }
}

async function established(socket: Duplex, name: string): Promise<void> {
  // An engine that breaks the connection later says so by its close; this keeps the error from being nobody's.
  socket.on("error", () => {});
  const seconds = CONNECT_TIMEOUT_MS / 1000;
  const late = setTimeout(() => {
    socket.destroy(new FairleadError("engine_timeout", `${name} did not accept a connection within ${seconds} s`));
  }, CONNECT_TIMEOUT_MS);
  await once(socket, socket instanceof TLSSocket ? "secureConnect" : "connect").finally(() => clearTimeout(late));
}

/**
 * An engine may answer before it has read the whole request (404 to a `docker cp` still sending) and close. A write that fails then says
 * only that it reads no more, while its answer may still wait to be read: by default Node would drop the answer together with the socket.
 */
function ignoreFailedWrites(socket: Duplex): void {
  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, () => done());
  if (writev) socket._writev = (chunks, done) => writev(chunks, () => done());
}
