import type { EventItem } from "@fairlead/protocol/rest";
import type { ChartMark } from "../../ui/chart.tsx";
import type { Tone } from "../../ui/tone.ts";

/** What is marked in the charts of hosts: what somebody should know of. */
export const HOST_ACTIONS = "die,oom,restart";
/** Of a container all that changes it. */
export const CONTAINER_ACTIONS_MARKED = "start,die,oom,restart,kill,pause,unpause,health_status,update,rename";

/** Marks in one chart: more are no marks any more. */
export const MAX_MARKS = 200;

/** Exit codes that an ordinary stop leaves. */
const STOPPED = new Set(["0", "130", "137", "143"]);

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
    const { action, containerName, containerId, timestamp, actorAttributes = {} } = item.event;
    const exitCode = actorAttributes["exitCode"];
    const detail = action === "die" && exitCode !== undefined ? ` with exit code ${exitCode}` : "";
    return {
      at: Date.parse(timestamp) / 1000,
      tone: toneOf(action, exitCode),
      title: `${containerName ?? containerId.slice(0, 12)} ${action}${detail}${on}`,
    };
  });
}

function toneOf(action: string, exitCode: string | undefined): Tone {
  if (action === "oom" || /unhealthy/.test(action)) return "bad";
  if (action === "die") return STOPPED.has(exitCode ?? "0") ? "idle" : "bad";
  if (action === "start" || action === "unpause" || /healthy/.test(action)) return "good";
  return "warn";
}
