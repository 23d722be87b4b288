import { splitCommand } from "@fairlead/protocol";
import { expect, test } from "vitest";
import { joinCommand } from "./join-command.ts";

test.each([
  [["/bin/sh"]],
  [["it's"]],
  [["a program"]],
  [["ls", "-l", "/etc"]],
  [["echo", "it's", '"$HOME"', "a\\b", "\t", "line\nline", "", "*", "'", "ü"]],
  [["sh", "-c", 'for i in 1 2; do echo "$i"; done']],
])("%j comes apart into the same words", (words) => {
  expect(splitCommand(joinCommand(words))).toEqual(words);
});

test("what needs no quotes has none", () => {
  expect(joinCommand(["ls", "-l", "/etc/nginx"])).toBe("ls -l /etc/nginx");
  expect(joinCommand([])).toBe("");
});
