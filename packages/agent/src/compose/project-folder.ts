import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, rm, rmdir, unlink } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { composeInvalid } from "./compose-request.ts";

const { O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } = constants;

/** Compose looks for these, in this order. */
const DEFAULT_FILES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/** Bytes hashed at a time. */
const HASH_CHUNK_BYTES = 64 * 1024;

/** Levels of folders below a project: far more than a stack has, and fewer than descriptors that can be open. */
const MAX_DEPTH = 64;

/**
 * The folder of one project, `STACKS_DIR/projectName`, and its files. Paths never leave it: no `..`, no absolute path outside, and no
 * symbolic link on the way. Each step of a path is taken from the open folder before it, so that a container that has the folder mounted
 * cannot swap a link in meanwhile.
 */
export class ProjectFolder {
  /** Absolute path of the folder where compose runs. */
  readonly path: string;
  readonly #root: string;
  readonly #project: string;
  readonly #workDir: readonly string[];

  /** @throws FairleadError `compose_invalid` when `workDir` is outside */
  constructor(stacksDir: string, projectName: string, workDir: string) {
    this.#root = stacksDir;
    this.#project = projectName;
    const project = join(stacksDir, projectName);
    this.#workDir = segments("workDir", isAbsolute(workDir) ? relative(project, workDir) : workDir);
    this.path = join(project, ...this.#workDir);
  }

  /**
   * Writes a file, over one that is there (in place: containers may have it mounted), making folders as needed.
   * @param field the request's field, for errors
   */
  async write(field: string, path: string, bytes: Uint8Array): Promise<void> {
    const { folders, name } = filePath(field, path);
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    await this.#inFolder(field, folders, true, async (folder) => {
      // Secrets are in .env; other files are mounted into containers whose users are not this one.
      const mode = name.startsWith(".env") ? 0o600 : 0o644;
      const file = await openInside(field, path, join(folder, name), O_WRONLY | O_CREAT | O_TRUNC, mode);
      await file.writeFile(bytes).finally(() => file.close());
    });
  }

  /** The bytes of a file (not a link), or undefined when there is none. @throws FairleadError `compose_invalid` when it has more than `maxBytes` */
  async read(field: string, path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const { folders, name } = filePath(field, path);
    return this.#inFolder(field, folders, false, async (folder) => {
      const target = join(folder, name);
      if (!(await isThere(target))) return undefined;
      const file = await openInside(field, path, target, O_RDONLY);
      try {
        const buffer = Buffer.allocUnsafe(maxBytes + 1);
        let length = 0;
        for (let bytesRead = -1; bytesRead !== 0 && length <= maxBytes; length += bytesRead) {
          ({ bytesRead } = await file.read(buffer, length, buffer.length - length));
        }
        if (length <= maxBytes) return buffer.subarray(0, length);
        throw composeInvalid(field, `names ${JSON.stringify(path)}, which has more than ${maxBytes} bytes`);
      } finally {
        await file.close();
      }
    });
  }

  /** Deletes a file whose content has this SHA-256. False: it has another content and is still there. A missing file counts as deleted. */
  async deleteIfUnchanged(field: string, path: string, sha256: string): Promise<boolean> {
    const { folders, name } = filePath(field, path);
    const isGone = await this.#inFolder(field, folders, false, async (folder) => {
      const target = join(folder, name);
      if (!(await isThere(target))) return true;
      const file = await openInside(field, path, target, O_RDONLY);
      const found = await hash(file).finally(() => file.close());
      if (found !== sha256) return false;
      await unlink(target);
      return true;
    });
    if (isGone === false) return false;
    await this.#removeEmpty(folders);
    return true;
  }

  /** Path below the work folder of the compose file that is there, or undefined. */
  async findComposeFile(): Promise<string | undefined> {
    for (const name of DEFAULT_FILES) if (await this.has(name)) return name;
    return undefined;
  }

  /** The file that compose would merge over a compose file with a usual name, when there is one. */
  async findOverride(composeFile: string): Promise<string | undefined> {
    const stem = /^((?:docker-)?compose)\.ya?ml$/.exec(composeFile)?.[1];
    if (stem === undefined) return undefined;
    for (const name of [`${stem}.override.yml`, `${stem}.override.yaml`]) if (await this.has(name)) return name;
    return undefined;
  }

  /** True when there is a file (not a link) of this path below the work folder. */
  async has(path: string): Promise<boolean> {
    const { folders, name } = filePath("composeFileName", path);
    const found = await this.#inFolder("composeFileName", folders, false, async (folder) => {
      const status = await lstat(join(folder, name)).catch(() => undefined);
      return status?.isFile() ?? false;
    });
    return found ?? false;
  }

  /** Removes the project's folder with everything in it. Links in it are removed, not followed. */
  async remove(): Promise<void> {
    await rm(join(this.#root, this.#project), { recursive: true, force: true });
  }

  /** Removes folders that have become empty, from the innermost on; those that have not stay. */
  async #removeEmpty(folders: readonly string[]): Promise<void> {
    for (let depth = folders.length; depth > 0; depth -= 1) {
      const parents = folders.slice(0, depth - 1);
      const name = folders[depth - 1] ?? "";
      const isRemoved = await this.#inFolder("filesToDelete", parents, false, (folder) =>
        rmdir(join(folder, name)).then(
          () => true,
          () => false,
        ),
      );
      if (isRemoved !== true) return;
    }
  }

  /** Calls `use` with a path that stands for the folder `below` the work folder. Undefined when there is none and none is to be made. */
  async #inFolder<T>(
    field: string,
    below: readonly string[],
    create: boolean,
    use: (folder: string) => Promise<T>,
  ): Promise<T | undefined> {
    let folder = await openFolder(this.#root);
    try {
      for (const step of [this.#project, ...this.#workDir, ...below]) {
        if (folder === undefined) return undefined;
        const inside = join(folder.reference, step);
        if (create) await mkdir(inside, { mode: 0o755 }).catch(ignoring("EEXIST"));
        const next: OpenFolder | undefined = await openFolder(inside, join(folder.path, step)).catch(
          (error: unknown) => {
            throw composeInvalid(
              field,
              `leads through ${join(folder?.path ?? "", step)}, which is a link or not a folder (${code(error)})`,
            );
          },
        );
        await folder.handle.close();
        folder = next;
      }
      return folder === undefined ? undefined : await use(folder.reference);
    } finally {
      await folder?.handle.close();
    }
  }
}

interface OpenFolder {
  handle: FileHandle;
  /** Where it was when it was opened. */
  path: string;
  /** A path that stands for the open folder itself, whatever happens to its name. Where the system has none, its path. */
  reference: string;
}

/** Undefined when there is no such folder. @throws when `path` is a link (unless it is the root: `at` is not given) or not a folder */
async function openFolder(path: string, at?: string): Promise<OpenFolder | undefined> {
  const flags = O_RDONLY | O_DIRECTORY | (at === undefined ? 0 : O_NOFOLLOW);
  const handle = await open(path, flags).catch(ignoring("ENOENT"));
  if (handle === undefined) return undefined;
  const isLinux = process.platform === "linux";
  return { handle, path: at ?? path, reference: isLinux ? `/proc/self/fd/${handle.fd}` : path };
}

/** Opens a plain file, not a link to one, nor a pipe or device that would block or do something. */
async function openInside(
  field: string,
  path: string,
  target: string,
  flags: number,
  mode?: number,
): Promise<FileHandle> {
  const handle = await open(target, flags | O_NOFOLLOW | O_NONBLOCK, mode).catch((error: unknown) => {
    throw composeInvalid(
      field,
      `cannot be opened at ${JSON.stringify(path)} (${code(error)}): it must be a plain file`,
    );
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw composeInvalid(field, `names ${JSON.stringify(path)}, which is not a plain file`);
}

function filePath(field: string, path: string): { folders: string[]; name: string } {
  const folders = segments(field, path);
  const name = folders.pop();
  if (name === undefined || path.endsWith("/"))
    throw composeInvalid(field, `is ${JSON.stringify(path)}, which names no file`);
  return { folders, name };
}

/** The steps of a relative path; `.` and doubled slashes are left out. */
function segments(field: string, path: string): string[] {
  const steps = path.split("/").filter((step) => step !== "" && step !== ".");
  const isOutside = path.startsWith("/") || steps.includes("..") || path.includes("\0");
  if (isOutside || steps.length > MAX_DEPTH) {
    throw composeInvalid(field, `is ${JSON.stringify(path.slice(0, 200))}: it must stay inside the project's folder`);
  }
  return steps;
}

async function hash(file: FileHandle): Promise<string> {
  const sum = createHash("sha256");
  const buffer = Buffer.allocUnsafe(HASH_CHUNK_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return sum.digest("hex");
    sum.update(buffer.subarray(0, bytesRead));
  }
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(() => true, ignoring("ENOENT", false));
}

function ignoring<T = undefined>(expected: string, instead?: T): (error: unknown) => T {
  return (error) => {
    if (code(error) !== expected) throw error;
    return instead as T;
  };
}

function code(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
