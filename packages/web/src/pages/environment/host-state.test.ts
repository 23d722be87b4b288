import type { Environment, Light } from "@fairlead/protocol/rest";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostState, stateWords } from "./host-state.ts";

const light = (state: Light["state"], since: string | null = null, error: string | null = null): Light => ({
  state,
  since,
  checkedAt: since,
  error,
});
const EARLY = "2026-01-01T00:00:00.000Z";
const LATE = "2026-01-02T00:00:00.000Z";
const agent = { connectedAt: EARLY } as NonNullable<Environment["agent"]>;
const host = (link: Light, engine: Light, more: Partial<Environment> = {}) =>
  hostState({ kind: "edge", agent, link, engine, ...more });

describe("the state of two lights", () => {
  test("up is up since both are", () => {
    expect(host(light("up", EARLY), light("up", LATE))).toMatchObject({ label: "Up", tone: "good", since: LATE });
    expect(host(light("up", LATE), light("up", EARLY)).since).toBe(LATE);
  });

  test("of a link that is down the engine says nothing", () => {
    for (const engine of [light("up"), light("down"), light("unknown")]) {
      expect(host(light("down", LATE, "gone"), engine)).toMatchObject({
        label: "Not connected",
        since: LATE,
        reason: "gone",
        tone: "bad",
      });
    }
  });

  test("an engine that does not answer says since when and why", () => {
    expect(host(light("up", EARLY), light("down", LATE, "refused"))).toEqual({
      name: "engine-down",
      tone: "bad",
      label: "Engine does not answer",
      since: LATE,
      reason: "refused",
    });
  });

  test("an edge host without an agent never joined; one that the hub dials is not known yet", () => {
    const unknown = light("unknown");
    expect(host(unknown, unknown, { agent: null }).label).toBe("Never joined");
    expect(host(light("down"), unknown, { agent: null }).label).toBe("Never joined");
    expect(host(unknown, unknown, { kind: "socket", agent: null }).label).toBe("Not known yet");
  });

  test("is good only while both are up", () => {
    const states = fc.constantFrom<Light["state"]>("up", "down", "unknown");
    const kinds = fc.constantFrom<Environment["kind"]>("edge", "standard", "direct", "socket");
    fc.assert(
      fc.property(kinds, states, states, fc.boolean(), (kind, link, engine, joined) => {
        const state = host(light(link), light(engine), { kind, agent: joined ? agent : null });
        return (state.tone === "good") === (link === "up" && engine === "up");
      }),
    );
  });
});

test("down is found by one word, whichever light it is", () => {
  expect(stateWords(host(light("down"), light("unknown")))).toContain("down");
  expect(stateWords(host(light("up"), light("down")))).toContain("down");
  expect(stateWords(host(light("up"), light("up")))).toEqual(["up"]);
});
