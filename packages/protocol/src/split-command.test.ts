import { describe, expect, test } from "vitest";
import { splitCommand } from "./split-command.ts";

describe("splitCommand", () => {
  test.each([
    ["/bin/sh", ["/bin/sh"]],
    ["", ["/bin/sh"]],
    ["  \t", ["/bin/sh"]],
    ["  bash  ", ["bash"]],
    ["C:\\cmd.exe", ["C:\\cmd.exe"]],
    ["it's", ["it's"]],
    ["sh -c 'echo hi'", ["sh", "-c", "echo hi"]],
    [`a "b c" d`, ["a", "b c", "d"]],
    [`a "b\\"c" 'd"e'`, ["a", `b"c`, `d"e`]],
    [`a "b\\nc"`, ["a", "b\\nc"]],
    ["a b\\ c", ["a", "b c"]],
    ["a '' \"\"", ["a", "", ""]],
    ["a x'y'\"z\"", ["a", "xyz"]],
    ["echo $HOME * | cat", ["echo", "$HOME", "*", "|", "cat"]],
    ["a b\\", ["a", "b\\"]],
    ["a\n b\t c", ["a", "b", "c"]],
    ["a 'b\\'", ["a", "b\\"]],
  ])("%j gives %j", (command, words) => {
    expect(splitCommand(command)).toEqual(words);
  });

  test.each(["sh -c 'x", `sh -c "x`])("%s has a quote without its end", (command) => {
    expect(() => splitCommand(command)).toThrow("without its end");
  });
});
