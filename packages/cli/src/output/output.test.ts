import { describe, expect, test } from "vitest";
import { UsageError } from "../errors.ts";
import { formatAge, formatBytes, formatSpan } from "./format.ts";
import { printable, visibleWidth } from "./style.ts";
import { formatTable } from "./table.ts";
import { parseTime } from "./time.ts";

describe("tables", () => {
  test("are as wide as their widest cells, colours not counted", () => {
    const rows = [
      { name: "\u001b[36ma\u001b[39m", size: 5 },
      { name: "longer", size: 1000 },
    ];
    const table = formatTable(rows, [
      { title: "NAME", value: ({ name }) => name },
      { title: "SIZE", value: ({ size }) => String(size), align: "right" },
    ]);
    expect(table).toBe("NAME     SIZE\n\u001b[36ma\u001b[39m           5\nlonger   1000");
    expect(visibleWidth("\u001b[36mäb\u001b[39m")).toBe(2);
  });

  test("without rows are their headings", () => {
    expect(formatTable([], [{ title: "A", value: String }])).toBe("A");
  });
});

describe("figures", () => {
  test.each([
    [0, "0B"],
    [1023, "1023B"],
    [1536, "1.5KiB"],
    [123 * 1024 ** 2, "123MiB"],
    [5 * 1024 ** 6, "5120PiB"],
  ])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test.each([
    [999, "0s"],
    [59_000, "59s"],
    [3_599_000, "59m"],
    [86_400_000, "1d"],
    [-5, "0s"],
  ])("%d ms are %s", (ms, text) => expect(formatSpan(ms)).toBe(text));

  test("ages", () => {
    expect(formatAge(null)).toBe("never");
    expect(formatAge("2026-01-01T00:00:00Z", Date.parse("2026-01-01T02:00:00Z"))).toBe("2h ago");
  });
});

describe("times of options", () => {
  const now = Date.parse("2026-01-31T12:00:00Z");
  test.each([
    ["10m", "2026-01-31T11:50:00.000Z"],
    ["1h30m", "2026-01-31T10:30:00.000Z"],
    ["2026-01-30", "2026-01-30T00:00:00.000Z"],
    ["2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00.000Z"],
    ["1000000000", "2001-09-09T01:46:40.000Z"],
  ])("%s", (text, expected) => expect(parseTime(text, "--since", "past", now).toISOString()).toBe(expected));

  test("spans can look ahead", () => {
    expect(parseTime("1d", "--expires", "future", now).toISOString()).toBe("2026-02-01T12:00:00.000Z");
  });

  test.each(["", "soon", "10x", "m10", "10m ago", "2026-13-01"])("'%s' is refused by name", (text) => {
    expect(() => parseTime(text, "--since")).toThrow(UsageError);
    expect(() => parseTime(text, "--since")).toThrow("--since");
  });
});

test("control characters from hosts do not reach the terminal", () => {
  expect(printable("a\u001b[2Jb\u0007\tc\u009b")).toBe("a\\x1b[2Jb\\x07 c\\x9b");
});
