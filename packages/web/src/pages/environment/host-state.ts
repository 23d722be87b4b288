import type { Environment } from "@fairlead/protocol/rest";
import type { Tone } from "../../ui/tone.ts";

/** What a host's two lights say together. */
export interface HostState {
  readonly name: "up" | "engine-down" | "checking" | "not-connected" | "unchecked" | "never-joined";
  readonly tone: Tone;
  /** "Engine does not answer"; `since` goes behind it. */
  readonly label: string;
  /** ISO 8601; null where nobody knows. */
  readonly since: string | null;
  /** Why it is so, in the hub's words. */
  readonly reason: string | null;
}

/** One honest state of link and engine: good only while both are up. */
export function hostState({
  kind,
  link,
  engine,
  agent,
}: Pick<Environment, "kind" | "link" | "engine" | "agent">): HostState {
  if (kind === "edge" && link.state !== "up" && (agent === null || agent.connectedAt === null)) {
    const reason = "No agent has joined yet. Make a join key and start an agent with it.";
    return { name: "never-joined", tone: "idle", label: "Never joined", since: null, reason };
  }
  if (link.state === "down") {
    return { name: "not-connected", tone: "bad", label: "Not connected", since: link.since, reason: link.error };
  }
  if (link.state === "unknown") {
    const reason = "The hub has not looked at it yet.";
    return { name: "unchecked", tone: "idle", label: "Not known yet", since: null, reason };
  }
  if (engine.state === "down") {
    const { since, error } = engine;
    return { name: "engine-down", tone: "bad", label: "Engine does not answer", since, reason: error };
  }
  if (engine.state === "unknown") {
    const reason = engine.error ?? "Its engine has not answered yet.";
    return { name: "checking", tone: "warn", label: "Connected, engine not known yet", since: link.since, reason };
  }
  return { name: "up", tone: "good", label: "Up", since: later(link.since, engine.since), reason: null };
}

/** The words that `state:` of the filter finds it by. */
export function stateWords({ name }: HostState): readonly string[] {
  return name === "engine-down" || name === "not-connected" ? [name, "down"] : [name];
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return Date.parse(a) > Date.parse(b) ? a : b;
}
