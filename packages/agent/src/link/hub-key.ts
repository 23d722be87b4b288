import { createHash } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { FairleadError } from "@fairlead/protocol";

/** Says, once a hub's TLS handshake is over, why it is not to be talked to. */
export type HubKeyCheck = (socket: TLSSocket) => FairleadError | undefined;

/** SHA-256 of the peer's public key (its SubjectPublicKeyInfo), base64url: a certificate renewed for the same key keeps it. */
export function keyFingerprint(socket: TLSSocket): string {
  const spki = socket.getPeerX509Certificate()?.publicKey.export({ type: "spki", format: "der" });
  return spki === undefined ? "none" : createHash("sha256").update(spki).digest("base64url");
}

/** The key that was pinned when the agent joined is the only one that is talked to; names and authorities do not count. */
export function pinnedKey(pin: string, credentialFile: string): HubKeyCheck {
  return (socket) => {
    const shown = keyFingerprint(socket);
    if (shown === pin) return undefined;
    return new FairleadError(
      "hub_not_trusted",
      `the hub shows the key sha256:${shown}, but sha256:${pin} was pinned when this agent joined. Someone may stand between. ` +
        "If the hub's certificate was renewed with a new key: set FAIRLEAD_JOIN_KEY to a new join key (fairlead env join-key NAME), " +
        `or CA_CERT to the PEM file of the authority that signed it; a key without a fingerprint needs ${credentialFile} removed first`,
    );
  };
}
