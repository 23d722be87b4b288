import { FairleadError } from "@fairlead/protocol";
import type { ContainerSummary, EngineInfo } from "@fairlead/protocol/rest";
import type { EngineConnection } from "../engine/engine-connection.ts";
import { engineMessage } from "./engine-probe.ts";

/** What an engine tells about itself and its containers. */
export interface EngineSnapshot {
  readonly engineInfo: EngineInfo;
  readonly containers: ContainerSummary[];
}

/** @throws FairleadError what `EngineConnection.request` throws; engine_error for an answer that is none. */
export async function readSnapshot(connection: EngineConnection, timeoutMs: number): Promise<EngineSnapshot> {
  const [version, info, containers] = await Promise.all([
    readJson(connection, "/version", timeoutMs),
    readJson(connection, "/info", timeoutMs),
    readContainers(connection, timeoutMs),
  ]);
  return { engineInfo: engineInfoOf(fieldsOf(version), fieldsOf(info), containers), containers };
}

/** All containers, those that do not run included. @throws FairleadError as `readSnapshot`. */
export async function readContainers(
  connection: EngineConnection,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ContainerSummary[]> {
  return containersOf(await readJson(connection, "/containers/json?all=1", timeoutMs, signal));
}

/** @throws FairleadError as `readSnapshot`. */
export async function readRunningContainers(
  connection: EngineConnection,
  timeoutMs: number,
): Promise<ContainerSummary[]> {
  const containers = containersOf(await readJson(connection, "/containers/json", timeoutMs));
  return containers.filter(({ State }) => State === "running");
}

function containersOf(list: unknown): ContainerSummary[] {
  if (!Array.isArray(list)) throw new FairleadError("engine_error", "The engine's list of containers is not a list.");
  return list.filter(isContainer);
}

async function readJson(
  connection: EngineConnection,
  path: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<unknown> {
  const answer = await connection.request({ method: "GET", path }, { timeoutMs, ...(signal && { signal }) });
  if (answer.status !== 200) {
    throw new FairleadError(
      "engine_error",
      `The engine answered ${answer.status} to ${path}: ${engineMessage(answer)}`,
    );
  }
  try {
    return JSON.parse(Buffer.from(answer.body).toString()) as unknown;
  } catch (error) {
    throw new FairleadError("engine_error", `The engine's answer to ${path} is not JSON.`, { cause: error });
  }
}

function isContainer(value: unknown): value is ContainerSummary {
  return typeof value === "object" && value !== null && typeof (value as { Id?: unknown }).Id === "string";
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function engineInfoOf(version: Fields, info: Fields, containers: readonly ContainerSummary[]): EngineInfo {
  const inState = (state: string): number => containers.filter(({ State }) => State === state).length;
  return {
    version: text(info["ServerVersion"]) ?? text(version["Version"]) ?? "",
    apiVersion: text(version["ApiVersion"]) ?? "",
    os: text(info["OperatingSystem"]) ?? text(version["Os"]) ?? "",
    arch: text(info["Architecture"]) ?? text(version["Arch"]) ?? "",
    cpus: whole(info["NCPU"]) ?? 0,
    memoryBytes: whole(info["MemTotal"]) ?? 0,
    // Of the list, not of /info: the two must not contradict each other.
    containers: {
      total: containers.length,
      running: inState("running"),
      paused: inState("paused"),
      stopped: containers.length - inState("running") - inState("paused"),
    },
    images: whole(info["Images"]) ?? 0,
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function whole(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? Math.floor(value) : undefined;
}
