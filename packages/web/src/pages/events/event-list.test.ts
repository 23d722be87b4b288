import type { EventItem } from "@fairlead/protocol/rest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addEvents, countActions } from "./event-list.ts";

const event = (id: number, second: number): EventItem => ({
  id,
  kind: "event",
  environmentId: 1,
  event: { containerId: "c", action: "start", timestamp: new Date(second * 1000).toISOString() },
});

test("however events come, each is there once, newest first", () => {
  const items = fc.uniqueArray(fc.tuple(fc.nat(200), fc.nat(20)), { selector: ([id]) => id, maxLength: 60 });
  fc.assert(
    fc.property(items, fc.nat(60), (given, cut) => {
      const all = given.map(([id, second]) => event(id, second));
      const rows = addEvents(addEvents([], all.slice(0, cut)), all.slice(Math.max(0, cut - 5)));
      const expected = all
        .map((item) => ({ id: item.id, at: item.kind === "event" ? Date.parse(item.event.timestamp) : 0 }))
        .sort((a, b) => b.at - a.at || b.id - a.id);
      expect(rows.map(({ id, at }) => ({ id, at }))).toEqual(expected);
    }),
  );
});

test("what is there already changes nothing", () => {
  const rows = addEvents([], [event(1, 5)]);
  expect(addEvents(rows, [event(1, 5)])).toBe(rows);
});

test("actions are counted, the most frequent first", () => {
  expect(countActions(["start", "die", "start", "create"])).toEqual([
    ["start", 2],
    ["create", 1],
    ["die", 1],
  ]);
});
