import type { Duplex } from "node:stream";
import { STATUS_CODES } from "node:http";
import { type FairleadError } from "@fairlead/protocol";

/** Answers an upgrade request with an error of ours and ends the connection. @param retryAfterSeconds for `Retry-After`. */
export function refuseUpgrade(socket: Duplex, error: FairleadError, retryAfterSeconds: number): void {
  const body = JSON.stringify(error.toBody());
  socket.on("error", () => {});
  socket.once("finish", () => socket.destroy());
  socket.end(
    [
      `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ""}`,
      "Connection: close",
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      `Retry-After: ${retryAfterSeconds}`,
      "",
      body,
    ].join("\r\n"),
  );
}
