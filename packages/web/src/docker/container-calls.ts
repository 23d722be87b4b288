import { dockerCall, dockerJson, dockerStream } from "./call.ts";
import type { ContainerInspect, ImageConfig } from "./container-inspect.ts";

const of = (id: string, rest: string): string => `/containers/${encodeURIComponent(id)}${rest}`;

export function inspectContainer(environmentId: number, id: string, signal?: AbortSignal): Promise<ContainerInspect> {
  return dockerJson(environmentId, of(id, "/json"), signal ? { signal } : {});
}

export function inspectImage(environmentId: number, image: string): Promise<ImageConfig> {
  return dockerJson(environmentId, `/images/${encodeURIComponent(image)}/json`);
}

/** A container's processes, as `ps` of its host tells them. */
export interface ProcessList {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[] | null;
}

export function containerProcesses(environmentId: number, id: string, signal?: AbortSignal): Promise<ProcessList> {
  return dockerJson(environmentId, of(id, "/top"), signal ? { signal } : {});
}

/** What of its file system is another than in its image. `Kind`: 0 changed, 1 added, 2 deleted. */
export interface FileChange {
  readonly Path: string;
  readonly Kind: number;
}

export async function containerChanges(
  environmentId: number,
  id: string,
  signal?: AbortSignal,
): Promise<readonly FileChange[]> {
  return (
    (await dockerJson<readonly FileChange[] | null>(environmentId, of(id, "/changes"), signal ? { signal } : {})) ?? []
  );
}

export async function renameContainer(environmentId: number, id: string, name: string): Promise<void> {
  await dockerCall(environmentId, of(id, `/rename?name=${encodeURIComponent(name)}`), { method: "POST" });
}

/** @returns what the engine warns of. */
export async function updateContainer(environmentId: number, id: string, body: unknown): Promise<readonly string[]> {
  const answer = await dockerJson<{ readonly Warnings?: readonly string[] | null }>(environmentId, of(id, "/update"), {
    method: "POST",
    json: body,
  });
  return answer.Warnings ?? [];
}

/** @returns the new container's id, and what the engine warns of. */
export async function createContainer(
  environmentId: number,
  name: string,
  body: unknown,
): Promise<{ readonly id: string; readonly warnings: readonly string[] }> {
  const { Id, Warnings } = await dockerJson<{ readonly Id: string; readonly Warnings?: readonly string[] | null }>(
    environmentId,
    `/containers/create?name=${encodeURIComponent(name)}`,
    { method: "POST", json: body },
  );
  return { id: Id, warnings: Warnings ?? [] };
}

/** @param withVolumes removes the anonymous volumes that nothing else uses, too. */
export async function removeContainer(environmentId: number, id: string, withVolumes = false): Promise<void> {
  await dockerCall(environmentId, of(id, `?force=1${withVolumes ? "&v=1" : ""}`), { method: "DELETE" });
}

export async function connectNetwork(
  environmentId: number,
  network: string,
  container: string,
  endpoint: unknown,
): Promise<void> {
  await dockerCall(environmentId, `/networks/${encodeURIComponent(network)}/connect`, {
    method: "POST",
    json: { Container: container, EndpointConfig: endpoint },
  });
}

/** Pulls an image; resolves when it is there. @throws Error with what the registry or the engine says. */
export async function pullImage(environmentId: number, image: string): Promise<void> {
  const messages = dockerStream<{ readonly error?: string }>(
    environmentId,
    `/images/create?fromImage=${encodeURIComponent(withTag(image))}`,
    { method: "POST" },
  );
  for await (const { error } of messages) if (error !== undefined) throw new Error(error);
}

/** Without a tag the engine would pull all of them. */
function withTag(image: string): string {
  return /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
}
