import type { ContainerSummary } from "@fairlead/protocol/rest";
import { type ContainerRow, containerKey } from "../../hub/containers.ts";

/** A row of tests: `fixtureRow("web", { State: "exited" })`. */
export function fixtureRow(
  name: string,
  container: Partial<ContainerSummary> = {},
  host: { readonly id: number; readonly name: string } = { id: 1, name: "attic" },
): ContainerRow {
  const Id = container.Id ?? name.padEnd(64, "0");
  return {
    key: containerKey(host.id, Id),
    environmentId: host.id,
    environmentName: host.name,
    name,
    toldAt: 0,
    container: {
      Id,
      Names: [`/${name}`],
      Image: "nginx:1.27",
      ImageID: "sha256:0",
      Command: "nginx",
      Created: 0,
      State: "running",
      Status: "Up 3 hours",
      Ports: [],
      Labels: {},
      ...container,
    },
  };
}
