import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 bits from the system's generator: a fast hash is enough, since nobody can try them all. */
const TOKEN_BYTES = 32;

/** Tells an agent's token from an API token, for people and for secret scanners. */
const PREFIX = "fla_";

/** A new agent token: `fla_` and 43 characters. Shown once; only its hash is kept. */
export function newAgentToken(): string {
  return PREFIX + randomBytes(TOKEN_BYTES).toString("base64url");
}

/** SHA-256, hex. */
export function hashAgentToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Compares two hashes in constant time. */
export function isSameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
