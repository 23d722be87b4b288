import { describe, expect, test } from "vitest";
import { isLater, isMark, parseEngineEvent, timestampOf } from "./engine-event.ts";

const line = (fields: object, raw = ""): string =>
  `${JSON.stringify({ Type: "container", time: 1_795_350_070, ...fields }).slice(0, -1)}${raw}}`;

describe("parseEngineEvent", () => {
  test("digits of nanoseconds are kept exactly, names lose their slash", () => {
    const Attributes = { name: "/web", image: "nginx", label: `"timeNano":1` };
    const event = parseEngineEvent(
      line({ Action: "start", Actor: { ID: "a".repeat(64), Attributes } }, `,"timeNano":1795350070811471193`),
    );
    expect(event).toEqual({
      event: {
        containerId: "a".repeat(64),
        containerName: "web",
        image: "nginx",
        action: "start",
        actorAttributes: Attributes,
        timestamp: "2026-11-22T12:21:10.811471193Z",
      },
      mark: `1795350070811471193 ${"a".repeat(12)} start`,
    });
  });

  test("no label can pose as the time", () => {
    const Actor = {
      ID: "c",
      Attributes: { 'x","timeNano":1111111111111111111,"y': "1", timeNano: "2222222222222222222" },
    };
    expect(parseEngineEvent(line({ Action: "die", Actor }))?.event.timestamp).toBe("2026-11-22T12:21:10.000000000Z");
  });

  test("health: the action alone, what it says as an attribute", () => {
    const event = parseEngineEvent(
      line({ Action: "health_status: unhealthy", Actor: { ID: "c", Attributes: { name: "n" } } }),
    );
    expect(event?.event).toMatchObject({
      action: "health_status",
      actorAttributes: { name: "n", healthStatus: "unhealthy" },
    });
  });

  test.each([
    ["died", "die"],
    ["remove", "destroy"],
  ])("Podman's %s is %s", (theirs, ours) => {
    expect(parseEngineEvent(line({ Action: theirs, Actor: { ID: "c" } }))?.event.action).toBe(ours);
  });

  test.each([
    line({ Action: "exec_start: sh", Actor: { ID: "c" } }),
    line({ Action: "top", Actor: { ID: "c" } }),
    line({ Type: "network", Action: "create", Actor: { ID: "c" } }),
    line({ Action: "start", Actor: {} }),
    `{"Type":"container","Action":"start","Actor":{"ID":"c"}}`,
    "",
    "{",
    "null",
    "[]",
    "5",
  ])("%s is no event of interest", (text) => {
    expect(parseEngineEvent(text)).toBeUndefined();
  });
});

test("times and marks", () => {
  expect(timestampOf("1795350070000000001")).toBe("2026-11-22T12:21:10.000000001Z");
  expect(isLater("1795350070811471193 c die", "1795350070811471192 c die")).toBe(true);
  expect(isLater("999999999999999999", "1000000000000000000")).toBe(false);
  expect(isMark("1795350070811471193 aaaaaaaaaaaa die")).toBe(true);
  expect(isMark("1795350070811471193")).toBe(true);
  for (const text of ["", "x", "0123456789", "17 c die", "1795350070811471193 c"]) expect(isMark(text)).toBe(false);
});
