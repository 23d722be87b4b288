import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { matchesRoute } from "./fake-engine-route.ts";
import { patternBytes } from "./pattern.ts";

/**
 * What goes wrong with a request:
 *
 * - `stall`: no answer ever, not even a head; a body is read, since who does not read does not see its caller leave
 * - `stallBody`: a head with `Content-Length` of `totalBytes` (default 1 MiB), `afterBytes` of pattern, then nothing
 * - `cutBody`: the same, then the connection closes
 * - `cut`: the connection closes without an answer
 * - `garbage`: bytes that are not HTTP (default `HTTP/9.9 banana`), then the connection closes
 * - `status`: an answer with this status and a Docker-style `{"message"}`; `early` sends it before the request body is read and closes, as
 *   the engine does for `docker cp` to a missing container
 */
export type EngineFault =
  | { kind: "stall" }
  | { kind: "stallBody" | "cutBody"; afterBytes: number; totalBytes?: number; headers?: Record<string, string> }
  | { kind: "cut" }
  | { kind: "garbage"; bytes?: string | Uint8Array }
  | { kind: "status"; status: number; message?: string; early?: boolean };

const DEFAULT_GARBAGE = "HTTP/9.9 banana\r\n\0\0\r\n\r\n";
const DEFAULT_TOTAL_BYTES = 1024 * 1024;

/** The faults to come, by route. */
export class EngineFaults {
  #armed: { route: string; fault: EngineFault; times: number }[] = [];

  add(route: string, fault: EngineFault, times: number): void {
    this.#armed.push({ route, fault, times });
  }

  clear(): void {
    this.#armed = [];
  }

  /** Lets the fault for this request happen, if there is one. */
  strike(method: string, path: string, request: IncomingMessage, response: ServerResponse): boolean {
    const fault = this.#take(method, path);
    if (!fault) return false;
    if (fault.kind === "stallBody" || fault.kind === "cutBody") failBody(fault, response);
    else if (fault.kind === "status") answerStatus(fault, request, response);
    else if (fault.kind === "stall") request.resume();
    else if (response.socket) breakConnection(fault, response.socket);
    return true;
  }

  /** The same for a request with an upgrade; a fault of the body closes the connection. */
  strikeUpgrade(method: string, path: string, socket: Socket): boolean {
    const fault = this.#take(method, path);
    if (!fault) return false;
    if (fault.kind === "status") {
      const text = fault.message ?? "fault";
      socket.end(`HTTP/1.1 ${fault.status} Fault\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n${text}\n`);
    } else if (fault.kind === "stall") {
      // A daemon gives up a call whose caller has closed before the answer.
      socket.resume().once("end", () => socket.destroy());
    } else breakConnection(fault, socket);
    return true;
  }

  #take(method: string, path: string): EngineFault | undefined {
    const found = this.#armed.find(({ route }) => matchesRoute(route, method, path));
    if (!found) return undefined;
    found.times -= 1;
    if (found.times <= 0) this.#armed = this.#armed.filter((entry) => entry !== found);
    return found.fault;
  }
}

function breakConnection(fault: EngineFault, socket: Socket): void {
  if (fault.kind === "garbage") socket.end(fault.bytes ?? DEFAULT_GARBAGE);
  else socket.destroy();
}

function failBody(fault: Extract<EngineFault, { afterBytes: number }>, response: ServerResponse): void {
  const totalBytes = fault.totalBytes ?? DEFAULT_TOTAL_BYTES;
  const headers = { "content-type": "application/octet-stream", ...fault.headers };
  response.writeHead(200, { ...headers, ...("transfer-encoding" in headers ? {} : { "content-length": totalBytes }) });
  response.flushHeaders();
  response.write(patternBytes(fault.afterBytes), () => {
    if (fault.kind === "cutBody") response.socket?.destroy();
  });
}

function answerStatus(
  fault: Extract<EngineFault, { kind: "status" }>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const text = `${JSON.stringify({ message: fault.message ?? "fault" })}\n`;
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  if (fault.early) {
    response.writeHead(fault.status, { ...headers, connection: "close" });
    response.end(text);
    return;
  }
  request.resume();
  request.once("end", () => {
    response.writeHead(fault.status, headers);
    response.end(text);
  });
}
