import type { ContainerSummary, EventItem } from "@fairlead/protocol/rest";

type ContainerEvent = Extract<EventItem, { kind: "event" }>["event"];

/**
 * A container of the list as it is after an event; the same object where the event changes nothing of it, "gone" when it is no more.
 * `Status` is the engine's sentence about it: until the list is read again it is made here, without a duration.
 */
export function applyAction(container: ContainerSummary, event: ContainerEvent): ContainerSummary | "gone" {
  const [action, detail] = event.action.split(":").map((part) => part.trim());
  const to = (State: string, Status: string): ContainerSummary => ({ ...container, State, Status });
  switch (action) {
    case "destroy":
      return "gone";
    case "start":
    case "restart":
      return to("running", "Up less than a second");
    case "unpause":
      return to("running", container.Status.replace(" (Paused)", ""));
    case "pause":
      return to("paused", `${container.Status} (Paused)`);
    case "die":
      return to("exited", `Exited (${event.actorAttributes?.["exitCode"] ?? "?"}) just now`);
    case "health_status": {
      const health = detail ?? event.actorAttributes?.["health_status"] ?? "";
      if (health === "") return container;
      return {
        ...container,
        Status: `${container.Status.replace(/ \((un)?healthy\)| \(health: starting\)/, "")} (${health})`,
      };
    }
    case "rename": {
      const name = event.containerName ?? event.actorAttributes?.["name"];
      return name === undefined ? container : { ...container, Names: [`/${name}`] };
    }
    default:
      return container;
  }
}
