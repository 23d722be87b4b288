import { expect, test } from "vitest";
import type { AgentSession } from "../link/agent-session.ts";
import { AgentAudit } from "./agent-audit.ts";
import type { AuditRecord } from "./record.ts";

function session(agentId: string, hostname = "web-1"): AgentSession {
  const identity = { agentId, hostname, agentName: "web", version: "1", address: "192.0.2.7" };
  return { environmentId: 4, environmentName: "web", identity } as AgentSession;
}

test("an agent that an environment did not have before is told of, and not each time it comes back", () => {
  const told: AuditRecord[] = [];
  const agents = new AgentAudit({ record: (entry) => void told.push(entry) });
  agents.start(new Map([[4, { agentId: "a", hostname: "web-1" }]]));
  agents.connected(session("a"));
  expect(told).toEqual([]);
  for (const id of ["b", "b", "a"]) agents.connected(session(id));
  agents.connected(session("a", "web-2"));
  expect(told.map(({ actor, target }) => [actor.id, target])).toEqual([
    ["b", "web-1"],
    ["a", "web-1"],
    ["a", "web-2"],
  ]);
  expect(told[0]).toMatchObject({
    door: "link",
    action: "agent.connect",
    environment: { name: "web" },
    address: "192.0.2.7",
  });
  agents.environmentRemoved(4);
  agents.connected(session("a", "web-2"));
  expect(told).toHaveLength(4);
});

test("a second machine is told of once, until another comes", () => {
  const told: AuditRecord[] = [];
  const agents = new AgentAudit({ record: (entry) => void told.push(entry) });
  for (const id of ["x", "x", "y"]) agents.conflict(session("a"), session(id).identity);
  expect(told.map(({ actor, outcome, code }) => [actor.id, outcome, code])).toEqual([
    ["x", "refused", "identity_conflict"],
    ["y", "refused", "identity_conflict"],
  ]);
});
