import * as crypto from "node:crypto";
import { promisify } from "node:util";
import { ConcurrencyLimit } from "../../watch/concurrency-limit.ts";

/** OWASP's parameters for argon2id: 19 MiB, two passes, one lane. */
const PARAMETERS = { memoryKiB: 19_456, passes: 2, parallelism: 1, tagBytes: 32 } as const;
const SALT_BYTES = 16;

/** Each takes 19 MiB and a core for a while; attempts by address are limited before they come here. */
const HASHES_AT_ONCE = 2;

/** Nothing that we wrote asks for more: a changed row must not make the hub take all memory. */
const MAX_MEMORY_KIB = 262_144;
const MAX_PASSES = 16;

const limit = new ConcurrencyLimit(HASHES_AT_ONCE);

interface Argon2Parameters {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly tagBytes: number;
}

type Argon2id = (password: string, salt: Buffer, parameters: Argon2Parameters) => Promise<Buffer>;

/** argon2id, written as `$argon2id$v=19$m=…,t=…,p=…$SALT$HASH`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.randomBytes(SALT_BYTES);
  const tag = await limit.run(() => argon2id(password, salt, PARAMETERS));
  const { memoryKiB, passes, parallelism } = PARAMETERS;
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** False for a wrong password, and for what is no hash. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash);
  if (!match) return false;
  const [, memory, passes, parallelism, salt = "", tag = ""] = match;
  const expected = Buffer.from(tag, "base64");
  const parameters = {
    memoryKiB: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagBytes: expected.length,
  };
  if (parameters.memoryKiB > MAX_MEMORY_KIB || parameters.passes > MAX_PASSES) return false;
  const found = await limit.run(() => argon2id(password, Buffer.from(salt, "base64"), parameters));
  return found.length === expected.length && crypto.timingSafeEqual(found, expected);
}

/** OpenSSL's, on a thread of its own. */
const nativeArgon2id: Argon2id = async (password, salt, { memoryKiB, passes, parallelism, tagBytes }) => {
  const parameters = { message: password, nonce: salt, parallelism, tagLength: tagBytes, memory: memoryKiB, passes };
  return await promisify(crypto.argon2)("argon2id", parameters);
};

/** For a Node.js before 24.7, which has none. Slower, and on the main thread, which it leaves to others now and then. */
export const portableArgon2id: Argon2id = async (password, salt, { memoryKiB, passes, parallelism, tagBytes }) => {
  const { argon2idAsync } = await import("@noble/hashes/argon2.js");
  const text = Buffer.from(password, "utf8");
  return Buffer.from(await argon2idAsync(text, salt, { m: memoryKiB, t: passes, p: parallelism, dkLen: tagBytes }));
};

const argon2id: Argon2id = "argon2" in crypto ? nativeArgon2id : portableArgon2id;

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
