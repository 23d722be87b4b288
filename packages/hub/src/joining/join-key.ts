import { createHash, randomBytes, X509Certificate } from "node:crypto";

/** 256 bits, as an agent's token has: a fast hash is enough. */
const SECRET_BYTES = 32;

/** Tells a join key from a token, for people, agents and secret scanners. */
const PREFIX = "flj_";

/** Between the secret and the hub's fingerprint: not a character of base64url. */
const SEPARATOR = ".";

/**
 * A new join key: `flj_` and 43 characters; with the fingerprint of the hub's own certificate, `.` and 43 more, so that the
 * agent knows its hub from the first connection on.
 */
export function newJoinKey(hubFingerprint: string | undefined): string {
  const secret = PREFIX + randomBytes(SECRET_BYTES).toString("base64url");
  return hubFingerprint === undefined ? secret : secret + SEPARATOR + hubFingerprint;
}

/** SHA-256 of the secret, hex. The fingerprint is no secret, and an agent need not send it. */
export function hashJoinKey(joinKey: string): string {
  const secret = joinKey.split(SEPARATOR, 1)[0] ?? "";
  return createHash("sha256").update(secret).digest("hex");
}

/** SHA-256 of a certificate's public key (its SubjectPublicKeyInfo), base64url: a certificate renewed for the same key keeps it. */
export function keyFingerprint(certificatePem: string): string {
  const spki = new X509Certificate(certificatePem).publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("base64url");
}
