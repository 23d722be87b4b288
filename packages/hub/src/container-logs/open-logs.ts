import { FairleadError } from "@fairlead/protocol";
import { peekRefusal } from "../docker-endpoint/edge-refusal.ts";
import type { EngineAnswer, EngineConnection, EngineStream } from "../engine/engine-connection.ts";
import { engineMessage } from "../watch/engine-probe.ts";
import type { LogsStart } from "./logs-query.ts";

/** A refusal is a line of JSON. */
const MAX_REFUSAL_BYTES = 64 * 1024;

/** A container's log as the engine sends it. */
export interface ContainerLog {
  /** The container has a terminal: plain bytes, else Docker's multiplexed frames. */
  readonly tty: boolean;
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the call at the engine. */
  cancel(): void;
}

/** @throws FairleadError not_found, engine_error, and those of `EngineConnection.request`. */
export async function openLogs(
  engine: EngineConnection,
  { container, parameters }: LogsStart,
  signal: AbortSignal,
): Promise<ContainerLog> {
  const inspected = await engine.request({ method: "GET", path: `/containers/${container}/json` }, { signal });
  const { id, tty } = readInspect(inspected, container);
  // By its id: the name may be another container's by now.
  const stream = await engine.openStream(
    { method: "GET", path: `/containers/${id}/logs?${parameters.toString()}` },
    { signal },
  );
  if (stream.status !== 200) throw refused(stream.status, await readRefusal(stream), container);
  const { refusal, body } = await peekRefusal(stream.body);
  if (refusal) {
    stream.cancel();
    throw refused(refusal.status, refusal.message, container);
  }
  return { tty, body, cancel: () => stream.cancel() };
}

function readInspect(answer: EngineAnswer, container: string): { id: string; tty: boolean } {
  if (answer.status !== 200) throw refused(answer.status, engineMessage(answer), container);
  try {
    const { Id: id, Config: config } = JSON.parse(Buffer.from(answer.body).toString()) as {
      Id?: unknown;
      Config?: { Tty?: unknown } | null;
    };
    if (typeof id === "string" && /^[0-9a-f]+$/.test(id)) return { id, tty: config?.Tty === true };
  } catch {
    // Told below, as what is JSON and no container is.
  }
  throw new FairleadError("engine_error", `The engine's answer about the container ${container} is not one.`);
}

async function readRefusal({ status, headers, body }: EngineStream): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_REFUSAL_BYTES) break;
  }
  return engineMessage({ status, headers, body: Buffer.concat(pieces) });
}

function refused(status: number, message: string, container: string): FairleadError {
  if (status === 404) return new FairleadError("not_found", message);
  if (status === 403) return new FairleadError("forbidden", message);
  return new FairleadError(
    "engine_error",
    `The engine answered ${status} to the question for the log of the container ${container}: ${message}`,
  );
}
