import { expect, test } from "vitest";
import { anEnvironment, DOWN, UP } from "../fleet/environment-fixture.ts";
import { arrivalOf } from "./arrival-text.ts";

const JOINED = "2026-01-01T00:00:00.000Z";

test("an edge host is there when its new agent is connected and the engine answers", () => {
  expect(arrivalOf(anEnvironment({}), "attic", null, 0)).toMatchObject({ tone: "good", isThere: true });
  // The agent of before is not the one that is waited for.
  expect(arrivalOf(anEnvironment({}), "attic", JOINED, 0)).toMatchObject({
    text: "Waiting for the agent of attic…",
    isThere: false,
  });
  expect(arrivalOf(anEnvironment({ engine: DOWN }), "attic", null, 0)).toEqual({
    tone: "warn",
    text: "The agent of attic is connected; its engine does not answer.",
    hint: "It is away.",
    isThere: false,
  });
});

test("who waits long is told where to look", () => {
  expect(arrivalOf(undefined, "attic", null, 1_000)).not.toHaveProperty("hint");
  expect(arrivalOf(anEnvironment({ link: DOWN }), "attic", null, 61_000).hint).toMatch(/docker logs/);
});

test("a host that the hub dials says why it cannot be reached", () => {
  expect(arrivalOf(anEnvironment({ kind: "direct", agent: null, link: DOWN }), "nas", null, 0)).toMatchObject({
    tone: "bad",
    hint: "It is away.",
  });
  expect(arrivalOf(anEnvironment({ kind: "socket", agent: null, link: UP }), "nas", null, 0).isThere).toBe(true);
});
