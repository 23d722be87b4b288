import { FairleadError } from "@fairlead/protocol";
import type { ContainerFigures } from "@fairlead/protocol/rest";
import type { EngineConnection } from "../engine/engine-connection.ts";
import { type CpuReading, readFigures } from "./container-figures.ts";

/** Engines before API 1.41 know no one-shot answer and compare for two seconds first; a busy one may take some more. */
const TIMEOUT_MS = 10_000;

/** `one-shot` is passed over by engines that do not know it. */
const QUERY = "stream=false&one-shot=true";

/** Asks engines for containers' figures, and keeps what the next CPU figure of each is compared with. */
export class StatsReader {
  readonly #connections: { for(environmentId: number): EngineConnection };
  /** By environment and container. Whoever uses it forgets what is not asked for any longer. */
  readonly #before = new Map<number, Map<string, CpuReading>>();

  constructor(connections: { for(environmentId: number): EngineConnection }) {
    this.#connections = connections;
  }

  /**
   * One sample. `gone`: the container does not run, or is not there. Undefined: the engine refuses it, for now.
   * @throws FairleadError when the host does not answer.
   */
  async read(environmentId: number, id: string): Promise<ContainerFigures | "gone" | undefined> {
    const engine = this.#connections.for(environmentId);
    const path = `/containers/${id}/stats?${QUERY}`;
    const { status, body } = await engine.request({ method: "GET", path }, { timeoutMs: TIMEOUT_MS });
    // Podman answers 409 for a container that does not run.
    if (status === 404 || status === 409) return "gone";
    if (status !== 200) return undefined;
    const reading = readFigures(parse(body), this.#before.get(environmentId)?.get(id));
    if (reading === undefined) return "gone";
    if (reading.cpu) this.#keep(environmentId, id, reading.cpu);
    return reading.figures;
  }

  forget(environmentId: number, id: string): void {
    const ofHost = this.#before.get(environmentId);
    ofHost?.delete(id);
    if (ofHost?.size === 0) this.#before.delete(environmentId);
  }

  /** Forgets a host's containers, but those of `kept`. */
  keepOnly(environmentId: number, kept: ReadonlySet<string>): void {
    for (const id of this.#before.get(environmentId)?.keys() ?? []) if (!kept.has(id)) this.forget(environmentId, id);
  }

  #keep(environmentId: number, id: string, cpu: CpuReading): void {
    const ofHost = this.#before.get(environmentId) ?? new Map<string, CpuReading>();
    this.#before.set(environmentId, ofHost);
    ofHost.set(id, cpu);
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString()) as unknown;
  } catch (error) {
    throw new FairleadError("engine_error", "The engine's figures of a container are not JSON.", { cause: error });
  }
}
