import { hangUpExec } from "@fairlead/protocol";
import type { EngineConnection } from "./engine-connection.ts";

export interface HangUpTarget {
  readonly container: string;
  readonly execId: string;
  /** Value of `HANG_UP_VARIABLE`. */
  readonly key: string;
}

/**
 * Ends the process of an exec whose terminal is gone, as a line that hangs up does. Engines let it run on: they have no call that
 * ends an exec. In a container without a shell it stays.
 */
export async function hangUp(
  engine: Pick<EngineConnection, "request">,
  { container, execId, key }: HangUpTarget,
): Promise<void> {
  const { Running: running } = (await ask(engine, "GET", `/exec/${execId}/json`)) as { Running?: unknown };
  if (running !== true) return;
  const created = await ask(engine, "POST", `/containers/${encodeURIComponent(container)}/exec`, hangUpExec(key));
  const { Id: id } = created as { Id?: string };
  if (id !== undefined) await ask(engine, "POST", `/exec/${id}/start`, { Detach: true });
}

const pending = new Set<Promise<void>>();

/** As {@link hangUp}, for whoever does not wait. In a container that is gone, or has no shell, there is nothing more to do. */
export function hangUpLater(engine: Pick<EngineConnection, "request">, target: HangUpTarget): void {
  const hanging = hangUp(engine, target)
    .catch(() => {})
    .finally(() => pending.delete(hanging));
  pending.add(hanging);
}

/** Resolves when no hang-up is under way: a hub that stops takes no shell of its terminals for ended before. */
export async function hangUpsEnded(): Promise<void> {
  while (pending.size > 0) await Promise.all(pending);
}

async function ask(
  engine: Pick<EngineConnection, "request">,
  method: string,
  path: string,
  body?: object,
): Promise<object> {
  const answer = await engine.request({
    method,
    path,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
  });
  return answer.body.length === 0 ? {} : (JSON.parse(Buffer.from(answer.body).toString()) as object);
}
