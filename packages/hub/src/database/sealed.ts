import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "@fairlead/protocol";

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
/** GCM's own nonce size; random nonces are safe for far more seals (2^32) than a hub ever makes. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = "v1:";

/**
 * Seals secrets that the hub must be able to read again (tokens and keys it dials with), so that the database file alone,
 * or a backup of it, gives none away. The key is `secret.key` (32 bytes, 0600) in the data folder, made at the first start.
 */
export class SecretBox {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    if (key.length !== KEY_BYTES) throw new RangeError(`A key has ${KEY_BYTES} bytes, not ${key.length}`);
    this.#key = key;
  }

  /** @throws FairleadError config_invalid when the key file is not a key. */
  static async open(dataDir: string): Promise<SecretBox> {
    const file = join(dataDir, "secret.key");
    const key = (await readKey(file)) ?? (await makeKey(file));
    if (key.length === KEY_BYTES) return new SecretBox(key);
    throw new FairleadError(
      "config_invalid",
      `The key file ${file} must hold ${KEY_BYTES} bytes and has ${key.length}. Restore it; or, if it is lost, remove it and enter the environments' tokens and client keys anew.`,
    );
  }

  /** A key for something else, 256 bits in hex: always the same for the same purpose, and telling nothing of this one. */
  derive(purpose: string): string {
    return Buffer.from(hkdfSync("sha256", this.#key, "", purpose, KEY_BYTES)).toString("hex");
  }

  /** @param purpose What the secret is; it opens for the same purpose only. */
  seal(secret: string, purpose: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return VERSION + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
  }

  /** @returns The secret, or undefined when it was sealed with another key or for another purpose, or was changed since. */
  unseal(text: string, purpose: string): string | undefined {
    if (!text.startsWith(VERSION)) return undefined;
    const bytes = Buffer.from(text.slice(VERSION.length), "base64");
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(purpose))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
    } catch {
      return undefined;
    }
  }
}

async function readKey(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

async function makeKey(file: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(key);
    // What is sealed with it reaches the disk later: a power cut must not keep the seals and lose the key.
    await handle.sync();
  } finally {
    await handle.close();
  }
  return key;
}
