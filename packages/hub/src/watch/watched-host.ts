import type { EngineInfo, EnvironmentKind } from "@fairlead/protocol/rest";
import { Lamp } from "./lamp.ts";
import type { HostLights } from "./store.ts";

/** What the hub keeps in memory of each host: its lamps, and when to look again. */
export class WatchedHost {
  readonly id: number;
  kind: EnvironmentKind;
  readonly link: Lamp;
  readonly engine: Lamp;
  engineInfo: EngineInfo | null = null;
  /** Unix milliseconds of the last snapshot. */
  snapshotAt: number | null = null;
  /** When its engine is asked again; Infinity: not until its agent dials. */
  checkAt: number;
  /** When its snapshot is taken again. */
  snapshotDueAt = 0;
  /** When it was last tried. */
  snapshotTriedAt = 0;
  /** When its engine was last seen up, Unix milliseconds. */
  engineUpAt: number | null = null;
  /** A visit waits or goes on. */
  isBusy = false;

  /** @param before what its lights showed when the hub last ran. */
  constructor(id: number, kind: EnvironmentKind, before: Partial<HostLights> = {}) {
    this.id = id;
    this.kind = kind;
    this.checkAt = kind === "edge" ? Number.POSITIVE_INFINITY : 0;
    const { link, engine } = kind === "edge" ? edgeAtStart(before) : dialledAtStart(before);
    this.link = new Lamp(link);
    this.engine = new Lamp(engine);
  }

  isDue(now: number): boolean {
    if (this.isBusy) return false;
    return this.checkAt <= now || (this.engine.state === "up" && this.snapshotDueAt <= now);
  }
}

const RESTART_ERROR = "The hub was restarted, and the agent has not dialled since.";
export const LINK_DOWN_ERROR = "The agent is not connected, so nothing is known of its engine.";

type Lights = Partial<Pick<HostLights, "link" | "engine">>;

/** No agent is connected yet. One that was is down since it was last seen: nobody saw whether it was up any longer. */
function edgeAtStart({ link, engine }: Lights): Lights {
  if (!link || link.checkedAt === null) return {};
  const down = link.state === "up" ? { since: link.checkedAt, error: RESTART_ERROR } : {};
  const shown = { ...link, state: "down" as const, ...down };
  const checkedAt = engine?.checkedAt ?? null;
  return { link: shown, engine: { state: "unknown", since: shown.since, checkedAt, error: LINK_DOWN_ERROR } };
}

/** Nothing is known until it is looked at, which it is at once. */
function dialledAtStart({ link, engine }: Lights): Lights {
  const unknown = (checkedAt = null as number | null) =>
    ({ state: "unknown", since: null, checkedAt, error: null }) as const;
  return { link: unknown(link?.checkedAt), engine: unknown(engine?.checkedAt) };
}
