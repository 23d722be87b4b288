import { describe, expect, it } from "vitest";
import { coarsened, engineTimestamp, formatNanoseconds, parseEventTime } from "./event-time.ts";
import { parseQueryTime } from "./query-time.ts";

describe("parseEventTime", () => {
  it("keeps nanoseconds that a number cannot hold", () => {
    expect(parseEventTime("2025-12-27T06:21:25.123456789Z")).toEqual({
      milliseconds: 1766816485123,
      nanoseconds: 1766816485123456789n,
      unit: 1n,
    });
  });

  it.each([
    ["2025-12-27T06:21:25Z", 1766816485000000000n, 1_000_000_000n],
    ["2025-12-27T06:21:25.1Z", 1766816485100000000n, 1_000_000n],
    ["2025-12-27T06:21:25.120000000Z", 1766816485120000000n, 1n],
    ["2025-12-27T06:21:25.000Z", 1766816485000000000n, 1_000_000n],
    ["2025-12-27T06:21:25.1234Z", 1766816485123400000n, 1_000n],
    ["2025-12-27T07:21:25.5+01:00", 1766816485500000000n, 1_000_000n],
    ["2025-12-27T05:51:25-0030", 1766816485000000000n, 1_000_000_000n],
    ["2025-12-27 06:21:25.000000001z", 1766816485000000001n, 1n],
    ["1970-01-01T00:00:00Z", 0n, 1_000_000_000n],
  ])("%s", (text, nanoseconds, unit) => {
    expect(parseEventTime(text)).toMatchObject({ nanoseconds, unit });
  });

  it.each([
    "",
    "yesterday",
    "2025-12-27",
    "2025-13-27T06:21:25Z",
    "2025-12-27T06:21:25",
    "1766816485",
    "2025-12-27T06:21:25.Z",
  ])("%j is no time", (text) => expect(parseEventTime(text)).toBeUndefined());

  it("is undone by formatNanoseconds", () => {
    expect(formatNanoseconds(1766816485123456789n)).toBe("2025-12-27T06:21:25.123456789Z");
    expect(formatNanoseconds(1766816485000000001n)).toBe("2025-12-27T06:21:25.000000001Z");
    expect(engineTimestamp(1766816485000000001n)).toBe("1766816485.000000001");
  });
});

describe("coarsened", () => {
  const exact = "2025-12-27T06:21:25.123456789Z";

  it.each([
    [1n, exact],
    [1_000n, "2025-12-27T06:21:25.123456Z"],
    [1_000_000n, "2025-12-27T06:21:25.123Z"],
    [1_000_000_000n, "2025-12-27T06:21:25Z"],
  ])("to %d ns", (unit, text) => expect(coarsened(exact, unit)).toBe(text));

  it("leaves what is as coarse already, or is no time", () => {
    expect(coarsened("2025-12-27T06:21:25Z", 1_000_000n)).toBe("2025-12-27T06:21:25Z");
    expect(coarsened("soon", 1_000_000n)).toBe("soon");
  });
});

describe("parseQueryTime", () => {
  it.each([
    ["1766816485", 1766816485000],
    ["1766816485.25", 1766816485250],
    ["0", 0],
    ["2025-12-27T06:21:25Z", 1766816485000],
    ["2025-12-27T07:21:25.5+01:00", 1766816485500],
    ["2025-12-27", 1766793600000],
  ])("%s", (text, milliseconds) => expect(parseQueryTime(text, "since")).toBe(milliseconds));

  it.each(["", "5 apples", "-5", "1e400", "99999999999999999", "2025-99-99", "now"])("%j names the field", (text) => {
    expect(() => parseQueryTime(text, "until")).toThrow(
      expect.objectContaining({ code: "bad_request", details: { field: "until" } }),
    );
  });
});
