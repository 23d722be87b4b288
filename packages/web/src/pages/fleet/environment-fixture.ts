import type { Environment, Light } from "@fairlead/protocol/rest";

export const UP: Light = {
  state: "up",
  since: "2026-01-01T00:00:00.000Z",
  checkedAt: "2026-01-01T00:00:00.000Z",
  error: null,
};
export const DOWN: Light = { ...UP, state: "down", error: "It is away." };

/** A host that is well, but for what is given. */
export function anEnvironment(more: Partial<Environment>): Environment {
  return {
    id: 7,
    name: "attic",
    kind: "edge",
    labels: { site: "home" },
    address: null,
    tls: null,
    createdAt: "2026-01-01T00:00:00.000Z",
    link: UP,
    engine: UP,
    engineInfo: null,
    agent: {
      agentId: "a1",
      agentName: "attic",
      hostname: "attic.local",
      version: "0.1.0",
      protocol: "1.1",
      capabilities: [],
      address: "10.0.0.7",
      policy: null,
      connectedAt: "2026-01-01T00:00:00.000Z",
      disconnectedAt: null,
      latencyMs: 2,
    },
    conflict: null,
    agentToken: null,
    snapshotAt: "2026-01-01T00:00:00.000Z",
    ...more,
  };
}
