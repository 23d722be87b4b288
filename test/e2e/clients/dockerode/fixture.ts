import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import type Docker from "dockerode";
import { runCommand, tempDir } from "@fairlead/testkit";

/**
 * One typical use of dockerode. Its outcome holds nothing that differs from run to run, so that on two sockets of one engine it is the
 * same; what is not expected is thrown.
 */
export type Use = (docker: Docker) => Promise<unknown>;

/** Makes and starts a container for one use, and removes it. */
export async function withContainer<T>(
  docker: Docker,
  options: Docker.ContainerCreateOptions,
  use: (container: Docker.Container) => Promise<T>,
): Promise<T> {
  const container = await docker.createContainer({ Image: "busybox", ...options });
  try {
    await container.start();
    return await use(container);
  } finally {
    await container.remove({ force: true });
  }
}

/** One that only sleeps, and ends when it is told to. */
export const SLEEPS: Docker.ContainerCreateOptions = { Cmd: ["sleep", "1000"], HostConfig: { Init: true } };

/** Both outputs of a multiplexed stream, to its end. */
export async function demultiplex(docker: Docker, stream: NodeJS.ReadableStream): Promise<[string, string]> {
  const [stdout, stderr] = [new TextSink(), new TextSink()];
  docker.modem.demuxStream(stream, stdout, stderr);
  await finished(stream);
  return [stdout.text, stderr.text];
}

/** Keeps what is written to it. */
export class TextSink extends Writable {
  text = "";

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Both outputs of a multiplexed answer that came whole. */
export function demultiplexed(answer: Buffer): [string, string] {
  const outputs: [string, string] = ["", ""];
  for (let at = 0; at < answer.length;) {
    const end = at + 8 + answer.readUInt32BE(at + 4);
    outputs[answer[at] === 2 ? 1 : 0] += answer.toString("utf8", at + 8, end);
    at = end;
  }
  return outputs;
}

/** Reads until the text is there, and leaves the stream open. */
export function readUntil(stream: NodeJS.ReadableStream, text: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let seen = "";
  const read = (chunk: Buffer): void => {
    seen += chunk.toString();
    if (!seen.includes(text)) return;
    stream.off("data", read);
    resolve(seen);
  };
  stream.on("data", read);
  stream.once("end", () => reject(new Error(`ended with ${JSON.stringify(seen)}`)));
  stream.once("error", reject);
  return promise;
}

/** The first so many lines of JSON; then the stream is left. */
export async function readJsonLines(stream: NodeJS.ReadableStream, count: number): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + chunk.toString()).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts.filter((line) => line !== "").map((line) => JSON.parse(line) as Record<string, unknown>));
    if (lines.length >= count) break;
  }
  return lines.slice(0, count);
}

/** What a build, load or import says, to its end. @throws Error when it failed. */
export function progress(docker: Docker, stream: NodeJS.ReadableStream): Promise<Record<string, unknown>[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>[]>();
  docker.modem.followProgress(stream, (error, lines) => {
    if (error) reject(error);
    else resolve(lines as Record<string, unknown>[]);
  });
  return promise;
}

/** Status and message with which a call is refused, without the id that it names. */
export async function refused(call: Promise<unknown>): Promise<[number | undefined, unknown]> {
  try {
    await call;
  } catch (error) {
    const { statusCode, json, reason } = error as { statusCode?: number; json?: unknown; reason?: string };
    if (statusCode === undefined) throw error;
    const message = (json as { message?: string } | null)?.message ?? reason;
    return [statusCode, message?.replaceAll(/[0-9a-f]{64}/g, "ID")];
  }
  throw new Error("not refused");
}

/** Runs `use` with a folder that holds the files. */
export async function withFiles<T>(files: Record<string, string | Buffer>, use: (folder: string) => Promise<T>) {
  await using folder = await tempDir();
  for (const [name, data] of Object.entries(files)) await writeFile(join(folder.path, name), data);
  return await use(folder.path);
}

/** A tar of the files. */
export function tarOf(files: Record<string, string | Buffer>): Promise<Buffer> {
  return withFiles(files, async (folder) => {
    const { stdout } = await runCommand("tar", ["-C", folder, "-c", ...Object.keys(files)]);
    return stdout;
  });
}

/** The only file of a tar. */
export async function untar(tar: NodeJS.ReadableStream): Promise<Buffer> {
  return (await runCommand("tar", ["-x", "-O"], { input: await buffer(tar) })).stdout;
}

/** The same bytes each time. */
export function payload(bytes: number): Buffer {
  return Buffer.alloc(bytes, createHash("sha512").update(String(bytes)).digest());
}

export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
