import { expect, test } from "vitest";
import { isKeyOfPage, tabOfKey } from "./page-keys.ts";

const key = (code: string, more: Partial<KeyboardEvent> = {}) => ({
  code,
  ctrlKey: true,
  shiftKey: true,
  altKey: false,
  metaKey: false,
  ...more,
});

test("a shell gets Ctrl-C, Ctrl-F and Ctrl-arrow; the page those with Shift", () => {
  for (const code of ["KeyC", "KeyV", "KeyF", "ArrowUp"]) {
    expect(isKeyOfPage(key(code))).toBe(true);
    expect(isKeyOfPage(key(code, { shiftKey: false }))).toBe(false);
  }
  expect(isKeyOfPage(key("KeyK"))).toBe(false);
});

test("arrows go round", () => {
  const tabs = ["1", "2", "3"];
  expect(tabOfKey(key("ArrowRight"), tabs, "3")).toBe("1");
  expect(tabOfKey(key("ArrowLeft"), tabs, "1")).toBe("3");
  expect(tabOfKey(key("ArrowLeft"), tabs, "3")).toBe("2");
  expect(tabOfKey(key("ArrowUp"), tabs, "1")).toBeUndefined();
  expect(tabOfKey(key("ArrowRight", { shiftKey: false }), tabs, "1")).toBeUndefined();
  expect(tabOfKey(key("ArrowRight"), [], undefined)).toBeUndefined();
});
