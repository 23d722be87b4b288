import type { EnvironmentPermission } from "@fairlead/protocol";
import {
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  type Icon,
  IconRefresh,
  IconRotateClockwise,
  IconSkull,
  IconTrash,
} from "@tabler/icons-react";
import { dockerCall } from "./call.ts";

/** Something that is done to containers, one or many. */
export interface ContainerAction {
  readonly name: "start" | "stop" | "restart" | "kill" | "pause" | "unpause" | "remove";
  readonly label: string;
  /** "Stopping web". */
  readonly doing: string;
  /** "stopped": for "3 containers stopped". */
  readonly done: string;
  readonly permission: EnvironmentPermission;
  readonly icon: Icon;
  /** Asked about first. */
  readonly destructive: boolean;
  /** States in which it makes sense. */
  readonly from: readonly string[];
  run(environmentId: number, containerId: string): Promise<unknown>;
}

const post = (verb: string) => (environmentId: number, containerId: string) =>
  dockerCall(environmentId, `/containers/${encodeURIComponent(containerId)}/${verb}`, { method: "POST" });

const ALIVE = ["running", "paused", "restarting"];
const AT_REST = ["created", "exited", "dead"];

export const CONTAINER_ACTIONS: readonly ContainerAction[] = [
  {
    name: "start",
    label: "Start",
    doing: "Starting",
    done: "started",
    permission: "container.start",
    icon: IconPlayerPlay,
    destructive: false,
    from: AT_REST,
    run: post("start"),
  },
  {
    name: "stop",
    label: "Stop",
    doing: "Stopping",
    done: "stopped",
    permission: "container.stop",
    icon: IconPlayerStop,
    destructive: false,
    from: ALIVE,
    run: post("stop"),
  },
  {
    name: "restart",
    label: "Restart",
    doing: "Restarting",
    done: "restarted",
    permission: "container.restart",
    icon: IconRefresh,
    destructive: false,
    from: [...ALIVE, ...AT_REST],
    run: post("restart"),
  },
  {
    name: "pause",
    label: "Pause",
    doing: "Pausing",
    done: "paused",
    permission: "container.pause",
    icon: IconPlayerPause,
    destructive: false,
    from: ["running"],
    run: post("pause"),
  },
  {
    name: "unpause",
    label: "Unpause",
    doing: "Unpausing",
    done: "unpaused",
    permission: "container.pause",
    icon: IconRotateClockwise,
    destructive: false,
    from: ["paused"],
    run: post("unpause"),
  },
  {
    name: "kill",
    label: "Kill",
    doing: "Killing",
    done: "killed",
    permission: "container.stop",
    icon: IconSkull,
    destructive: true,
    from: ALIVE,
    run: post("kill"),
  },
  {
    name: "remove",
    label: "Remove",
    doing: "Removing",
    done: "removed",
    permission: "container.remove",
    icon: IconTrash,
    destructive: true,
    from: [...ALIVE, ...AT_REST, "removing"],
    run: (environmentId, containerId) =>
      dockerCall(environmentId, `/containers/${encodeURIComponent(containerId)}?force=1`, { method: "DELETE" }),
  },
];

export function containerAction(name: ContainerAction["name"]): ContainerAction {
  const found = CONTAINER_ACTIONS.find((action) => action.name === name);
  if (!found) throw new Error(`no action ${name}`);
  return found;
}
