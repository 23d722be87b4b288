import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "@fairlead/protocol";

/** What an agent got for its join key, as it is kept in the data folder. */
export interface HubCredential {
  /** Which hub's it is: see `hubBase`. */
  readonly server: string;
  /** For the hello. Never logged. */
  readonly token: string;
  /** Fingerprint of the hub's public key; absent when an authority vouches for the hub's certificate. */
  readonly pin?: string;
  /** SHA-256, hex, of the join key that was traded for it: another one is a new one. */
  readonly joinKeyHash: string;
}

/** The hub behind a server URL, whichever of its paths is dialled: `wss://hub.example:8375`, with a path where it stands below one. */
export function hubBase({ protocol, host, pathname }: URL): string {
  const [, prefix = ""] = /^(.*)\/api\/(?:hawser|v1\/agents)\/connect\/?$/.exec(pathname) ?? [];
  return `${protocol}//${host}${prefix}`;
}

/** SHA-256, hex, of a join key's secret part. */
export function hashJoinKey(joinKey: string): string {
  return createHash("sha256")
    .update(joinKey.split(".", 1)[0] ?? "")
    .digest("hex");
}

export function credentialPath(dataDir: string): string {
  return join(dataDir, "hub-credential.json");
}

/** What is kept, whichever hub's; undefined when nothing is. @throws Error when it cannot be read, or is no credential. */
export function readCredential(dataDir: string): HubCredential | undefined {
  let text;
  try {
    text = readFileSync(credentialPath(dataDir), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
  const { server, token, pin, joinKeyHash } = parse(text);
  if (typeof server !== "string" || typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) throw damaged();
  if (typeof joinKeyHash !== "string" || (pin !== undefined && typeof pin !== "string")) throw damaged();
  return { server, token, joinKeyHash, ...(pin === undefined ? {} : { pin }) };
}

function parse(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    // Not with what is in it: a part of the token may be.
    throw damaged();
  }
}

function damaged(): Error {
  return new Error("it is damaged");
}

/** A file that a credential can be written to: opened before the join key is spent, since a token that cannot be kept is lost. */
export class CredentialDraft {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #target: string;

  private constructor(path: string, file: FileHandle, target: string) {
    this.#path = path;
    this.#file = file;
    this.#target = target;
  }

  /** @throws FairleadError config_invalid when the data folder cannot be written to. */
  static async open(dataDir: string): Promise<CredentialDraft> {
    const target = credentialPath(dataDir);
    const path = `${target}.${process.pid}`;
    try {
      await mkdir(dataDir, { recursive: true, mode: 0o700 });
      await rm(path, { force: true });
      return new CredentialDraft(path, await open(path, "wx", 0o600), target);
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? String(error);
      throw new FairleadError(
        "config_invalid",
        `the hub's credential cannot be kept in ${target} (${reason}), so the join key is not used: ` +
          "make the folder writable, or set FAIRLEAD_DATA_DIR",
      );
    }
  }

  /** Puts it in the place of what was kept: after a power cut there is the old one or the new one. */
  async keep(credential: HubCredential): Promise<void> {
    await this.#file.writeFile(`${JSON.stringify(credential)}\n`);
    await this.#file.sync();
    await this.#file.close();
    await rename(this.#path, this.#target);
  }

  async discard(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}
