import { dockerStream } from "../../docker/call.ts";
import { type ImageReference, registryAuth, type RegistryCredentials } from "../../docker/image-reference.ts";
import { applyProgress, NO_PROGRESS, type ProgressMessage, type PullProgress } from "./pull-progress.ts";

/** Layers tell hundreds of times a second how they stand; nobody sees more than this. */
const TELL_MS = 150;

/** Reads an answer of progress to its end. @throws Error with the engine's words when the answer tells of a failure. */
export async function followProgress(
  messages: AsyncIterable<ProgressMessage>,
  tell: (progress: PullProgress) => void,
): Promise<PullProgress> {
  let progress = NO_PROGRESS;
  let told = 0;
  for await (const message of messages) {
    progress = applyProgress(progress, message);
    const now = Date.now();
    if (now - told < TELL_MS) continue;
    told = now;
    tell(progress);
  }
  tell(progress);
  if (progress.error !== undefined) throw new Error(progress.error);
  return progress;
}

export interface Pull {
  readonly reference: ImageReference;
  /** Such as `linux/arm64`; empty: the host's own. */
  readonly platform: string;
  readonly credentials: RegistryCredentials | undefined;
}

/** Has a host pull an image. Aborting the signal ends the pull at the engine, too. */
export function pullImage(
  environmentId: number,
  { reference: { name, tag, digest, registry }, platform, credentials }: Pull,
  signal: AbortSignal,
  tell: (progress: PullProgress) => void,
): Promise<PullProgress> {
  const query = new URLSearchParams({ fromImage: name, tag: digest ?? tag ?? "latest" });
  if (platform !== "") query.set("platform", platform);
  const headers: Record<string, string> = credentials ? { "x-registry-auth": registryAuth(credentials, registry) } : {};
  const path = `/images/create?${query.toString()}`;
  return followProgress(dockerStream<ProgressMessage>(environmentId, path, { method: "POST", headers, signal }), tell);
}

/** Has a host load images of a tar archive, such as `docker save` writes. */
export function loadImages(
  environmentId: number,
  file: File,
  signal: AbortSignal,
  tell: (progress: PullProgress) => void,
): Promise<PullProgress> {
  return followProgress(
    dockerStream<ProgressMessage>(environmentId, "/images/load?quiet=0", {
      method: "POST",
      body: file,
      contentType: "application/x-tar",
      signal,
    }),
    tell,
  );
}
