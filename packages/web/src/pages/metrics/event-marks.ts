import type { EventItem } from "@fairlead/protocol/rest";
import type { ChartMark } from "../../ui/chart.tsx";
import { describeEvent, splitAction, toneOfEvent } from "../events/event-row.ts";

/** What is marked in the charts of hosts: what somebody should know of. */
export const HOST_ACTIONS = "die,oom,restart";
/** Of a container all that changes it. */
export const CONTAINER_ACTIONS_MARKED = "start,die,oom,restart,kill,pause,unpause,health_status,update,rename";

/** Marks in one chart: more are no marks any more. */
export const MAX_MARKS = 200;

/** Events as marks of charts. `nameOf`: a host's name, where there are several. */
export function eventMarks(items: readonly EventItem[], nameOf?: (environmentId: number) => string): ChartMark[] {
  return items.slice(0, MAX_MARKS).map((item) => {
    const on = nameOf ? ` on ${nameOf(item.environmentId)}` : "";
    if (item.kind === "gap") {
      return {
        at: Date.parse(item.to) / 1000,
        tone: "idle",
        title: `events may be missing before${on}: ${item.reason}`,
      };
    }
    const { containerName, containerId, timestamp } = item.event;
    const detail = describeEvent(item);
    return {
      at: Date.parse(timestamp) / 1000,
      tone: toneOfEvent(item),
      title: `${containerName ?? containerId.slice(0, 12)}: ${splitAction(item.event).verb}${detail === "" ? "" : `, ${detail}`}${on}`,
    };
  });
}
