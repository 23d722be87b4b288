import { IncomingMessage } from "node:http";
import { parseDockerUrl, takesOverConnection } from "./docker-path.ts";

/**
 * The hub's server must be made with this class (`createServer({ IncomingMessage: HubIncomingMessage })`).
 *
 * `docker attach` and `exec` also work without an `Upgrade` header: the engine answers `200` and the connection is raw both
 * ways. Node's parser would take what the client sends next for another request, so such a request has to leave the parser as
 * soon as its head is read. Node asks `upgrade` for that; with this class it is true for every call that takes the connection
 * over, and the server's `upgrade` event gets it, its body still unread in the socket.
 */
export class HubIncomingMessage extends IncomingMessage {
  /** What the parser found: an `Upgrade` header that `Connection` names. Set by the base class's constructor already. */
  declare parsedUpgrade: boolean | null;

  get upgrade(): boolean | null {
    const call = this.url === undefined ? undefined : parseDockerUrl(this.url);
    // Of a Docker call nothing else does: raw bytes after any other would be calls that nobody looked at.
    if (call) return takesOverConnection(this.method ?? "", call.path);
    // Some HTTP clients offer h2c on any request; the answer to an ordinary one is an ordinary one.
    return this.parsedUpgrade === true && this.headers.upgrade?.toLowerCase() !== "h2c";
  }

  set upgrade(parsed: boolean | null) {
    this.parsedUpgrade = parsed;
  }
}
