import type { EventItem } from "@fairlead/protocol/rest";
import { stackOf } from "../../docker/container-state.ts";
import type { FilterSubject } from "../../filter/filter.ts";
import type { Tone } from "../../ui/tone.ts";

/** An event, or a gap, as the list shows it. */
export interface EventRow {
  readonly id: number;
  /** When it happened, Unix milliseconds; of a gap its end. */
  readonly at: number;
  readonly environmentId: number;
  readonly item: EventItem;
}

export function eventRow(item: EventItem): EventRow {
  const time = item.kind === "gap" ? item.to : item.event.timestamp;
  return { id: item.id, at: Date.parse(time), environmentId: item.environmentId, item };
}

/** Names that may stand before a colon in the filter. */
export const EVENT_FIELDS = ["action", "host", "container", "image", "stack", "label"];

/** What the filter sees of an event. A gap is let through by whatever its host allows: what is missing may be what is looked for. */
export function eventSubject({ item }: EventRow, host: string): FilterSubject | undefined {
  if (item.kind === "gap") return undefined;
  const { event } = item;
  const { actorAttributes = {}, containerName = "", containerId, image = "" } = event;
  const { verb, detail } = splitAction(event);
  const fields: Record<string, string | readonly string[] | undefined> = {
    action: [verb, `${verb}: ${detail}`],
    host,
    container: [containerName, containerId, containerId.slice(0, 12)],
    image,
    stack: stackOf(actorAttributes),
    label: Object.entries(actorAttributes).flatMap(([name, value]) => [name, `${name}=${value}`]),
  };
  return {
    text: `${event.action} ${containerName} ${image} ${host} ${describeEvent(item)}`,
    field: (name) => fields[name],
  };
}

type ContainerEvent = Extract<EventItem, { kind: "event" }>["event"];

/** An action and its outcome: `health_status` has one, behind a colon as engines tell it, or as the hub keeps it. */
export function splitAction({ action, actorAttributes = {} }: Pick<ContainerEvent, "action" | "actorAttributes">): {
  readonly verb: string;
  readonly detail: string;
} {
  const [verb = "", ...rest] = action.split(":");
  const detail = rest.join(":").trim();
  return { verb: verb.trim(), detail: detail === "" ? (actorAttributes["healthStatus"] ?? "") : detail };
}

const SIGNALS: Readonly<Record<string, string>> = {
  "1": "SIGHUP",
  "2": "SIGINT",
  "3": "SIGQUIT",
  "6": "SIGABRT",
  "9": "SIGKILL",
  "10": "SIGUSR1",
  "12": "SIGUSR2",
  "15": "SIGTERM",
};

/** What more is to be said of an event: its exit code, its signal, its former name. */
export function describeEvent(item: EventItem): string {
  if (item.kind === "gap") return item.reason;
  const { actorAttributes = {} } = item.event;
  const { verb, detail } = splitAction(item.event);
  const parts: string[] = detail === "" ? [] : [detail];
  const { exitCode, signal, oldName } = actorAttributes as Record<string, string | undefined>;
  if (verb === "die" && exitCode !== undefined) parts.push(`exit code ${exitCode}`);
  if (signal !== undefined) parts.push(SIGNALS[signal] ?? `signal ${signal}`);
  if (oldName !== undefined) parts.push(`was ${oldName.replace(/^\//, "")}`);
  return parts.join(", ");
}

/** Exit codes that an ordinary stop leaves. */
const STOPPED = new Set(["0", "130", "137", "143"]);

/** What an event means for who looks at it. */
export function toneOfEvent(item: EventItem): Tone {
  if (item.kind === "gap") return "warn";
  const { actorAttributes = {} } = item.event;
  const { verb, detail } = splitAction(item.event);
  if (verb === "oom" || detail === "unhealthy") return "bad";
  if (verb === "die") return STOPPED.has(actorAttributes["exitCode"] ?? "0") ? "idle" : "bad";
  if (verb === "start" || verb === "unpause" || detail === "healthy") return "good";
  return ["kill", "restart", "pause", "destroy"].includes(verb) ? "warn" : "idle";
}
