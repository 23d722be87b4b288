import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { toFairleadError } from "@fairlead/protocol";

/** A refused caller may still be sending; it gets this long, in milliseconds, to read why before the connection is cut. */
const REFUSAL_LINGER_MS = 5_000;

/** Answers the way the Docker Engine does, `{"message": …}`, and ends the connection. */
export function refuse(client: Socket, error: unknown): void {
  const { status, message } = toFairleadError(error);
  const body = Buffer.from(`${JSON.stringify({ message })}\n`);
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "Connection: close",
  ];
  client.write(`${lines.join("\r\n")}\r\n\r\n`);
  client.end(body);
  // Closing on bytes that were not read resets the connection, and the answer may be lost.
  client.resume();
  setTimeout(() => client.destroy(), REFUSAL_LINGER_MS).unref();
}
