import type { ErrorCode } from "@fairlead/protocol";
import type { WebSocket } from "ws";

/** A close frame's payload is at most 125 bytes, 2 of them the code (RFC 6455 section 5.5). */
const MAX_REASON_BYTES = 123;

/** Starts the closing handshake; ws drops the socket when it takes too long. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, cutUtf8(reason, MAX_REASON_BYTES));
}

/** How a connection ended, in words. */
export function describeClose(code: number, reason: Buffer): string {
  if (code === 1006) return "the connection was lost";
  const text = reason.toString();
  return `closed by the agent with ${code}${text === "" ? "" : ` ${JSON.stringify(text)}`}`;
}

/** What the peer did wrong for ws to give a connection up; `undefined` when the network did it. ws closes with the right code itself. */
export function socketProblem(error: Error): ErrorCode | undefined {
  const code = "code" in error ? error.code : undefined;
  if (typeof code !== "string" || !code.startsWith("WS_ERR_")) return undefined;
  if (code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" || code === "WS_ERR_TOO_MANY_BUFFERED_PARTS")
    return "message_too_big";
  return code === "WS_ERR_INVALID_UTF8" ? "malformed_json" : "invalid_message";
}

function cutUtf8(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  // A character cut in two at the end would make the frame invalid.
  return bytes
    .subarray(0, maxBytes)
    .toString()
    .replace(/\uFFFD+$/, "");
}
