import type { ContainerSummary } from "@fairlead/protocol/rest";
import type { Tone } from "../ui/tone.ts";

/** What a container of the engine's list uses of its host. */
export interface UsingContainer {
  readonly id: string;
  readonly name: string;
  /** `running`, `exited`, … */
  readonly state: string;
  readonly imageId: string;
  /** The image's name as the container was made with it. */
  readonly imageName: string;
  readonly volumes: readonly string[];
  readonly networks: readonly NetworkUse[];
}

export interface NetworkUse {
  readonly name: string;
  /** Empty for a container that never ran. */
  readonly id: string;
  readonly address: string;
}

/** Fields of the engine's list that the hub passes on as they are. */
interface Uses {
  readonly Mounts?: readonly { readonly Type?: string; readonly Name?: string }[] | null;
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<Record<string, { NetworkID?: string; IPAddress?: string } | null>> | null;
  } | null;
}

export function usingContainer(container: ContainerSummary): UsingContainer {
  const { Mounts, NetworkSettings } = container as ContainerSummary & Uses;
  return {
    id: container.Id,
    name: (container.Names?.[0] ?? container.Id.slice(0, 12)).replace(/^\//, ""),
    state: container.State,
    imageId: container.ImageID,
    imageName: container.Image,
    volumes: (Mounts ?? []).flatMap(({ Type, Name }) => (Type === "volume" && Name ? [Name] : [])),
    networks: Object.entries(NetworkSettings?.Networks ?? {}).map(([name, network]) => ({
      name,
      id: network?.NetworkID ?? "",
      address: network?.IPAddress ?? "",
    })),
  };
}

/** What its state means; health is not told here. */
export function toneOfState(state: string): Tone {
  if (state === "running") return "good";
  if (state === "paused" || state === "restarting" || state === "removing") return "warn";
  return state === "dead" ? "bad" : "idle";
}

/** Alive for the engine: what it uses cannot be taken from it. */
export function isAlive({ state }: Pick<UsingContainer, "state">): boolean {
  return state === "running" || state === "paused" || state === "restarting";
}
