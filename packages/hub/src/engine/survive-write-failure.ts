import type { Socket } from "node:net";

type Done = (error?: Error | null) => void;

/**
 * Keeps a socket open for reading when the other side takes no more.
 *
 * An engine may answer and close while its caller still sends: 404 in the midst of an upload, or a container that ends without
 * having read its input. What it said is still in the socket then, but Node destroys a socket whose write fails, unread
 * bytes and all. With this, what cannot be written is dropped, and reading goes on to the end.
 */
export function surviveWriteFailure(socket: Socket): void {
  const forgiving =
    (done: Done): Done =>
    (error) =>
      done(isRefusal(error) ? null : error);
  const write = socket._write.bind(socket);
  const writev = socket._writev?.bind(socket);
  const final = socket._final.bind(socket);
  socket._write = (chunk, encoding, done) => write(chunk, encoding, forgiving(done));
  if (writev) socket._writev = (chunks, done) => writev(chunks, forgiving(done));
  socket._final = (done) => final(forgiving(done));
}

function isRefusal(error: NodeJS.ErrnoException | null | undefined): boolean {
  return error?.code === "EPIPE" || error?.code === "ECONNRESET" || error?.code === "ENOTCONN";
}
