import type { ContainerSummary, EventItem } from "@fairlead/protocol/rest";

export type ContainerEvent = Extract<EventItem, { kind: "event" }>["event"];

/**
 * A container of the list as it is after an event; the same object where the event changes nothing of it, "gone" when it is no more.
 * `Status` is the engine's sentence about it: until the list is read again it is made here, as the engine would at that moment.
 */
export function applyAction(container: ContainerSummary, event: ContainerEvent): ContainerSummary | "gone" {
  const [action, detail] = event.action.split(":").map((part) => part.trim());
  const to = (State: string, Status: string): ContainerSummary =>
    State === container.State && Status === container.Status ? container : { ...container, State, Status };
  switch (action) {
    case "destroy":
      return "gone";
    case "start":
    case "restart":
      // A restart is told after the start that belongs to it, which the health check may have followed already.
      return action === "restart" && container.State === "running" ? container : to("running", "Up Less than a second");
    case "unpause":
      return to("running", container.Status.replace(PAUSED, ""));
    case "pause":
      return to("paused", `${container.Status.replace(PAUSED, "")} (Paused)`);
    case "die":
      return to("exited", `Exited (${event.actorAttributes?.["exitCode"] ?? "?"}) Less than a second ago`);
    case "health_status": {
      const health = detail ?? event.actorAttributes?.["healthStatus"] ?? "";
      // What died meanwhile has no health any more.
      if (health === "" || container.State !== "running") return container;
      return to(container.State, `${container.Status.replace(HEALTH, "")} (${health})`);
    }
    case "rename": {
      const name = event.containerName ?? event.actorAttributes?.["name"];
      return name === undefined ? container : { ...container, Names: [`/${name.replace(/^\//, "")}`] };
    }
    default:
      return container;
  }
}

const PAUSED = / \(Paused\)/;
const HEALTH = / \((un)?healthy\)| \(health: starting\)/;
