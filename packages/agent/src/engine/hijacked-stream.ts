import type { IncomingMessage } from "node:http";
import { Duplex } from "node:stream";

/**
 * The raw connection behind an answer `200` without length: some engines hijack a connection without saying 101.
 * The bytes to read come through `body`, those to write go to its socket.
 */
export function hijackedStream(body: IncomingMessage): Duplex {
  const { socket } = body;
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => void body.resume(),
    write: (chunk: Uint8Array, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  body.on("data", (chunk: Buffer) => {
    if (!stream.push(chunk)) body.pause();
  });
  body.once("end", () => stream.push(null));
  body.on("error", (error) => stream.destroy(error));
  return stream;
}
