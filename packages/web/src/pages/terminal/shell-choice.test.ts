import { splitCommand } from "@fairlead/protocol";
import { describe, expect, test } from "vitest";
import { programOf } from "./shell-choice.ts";

describe("a program", () => {
  test("bash or sh is one argument of sh, however the hub splits it", () => {
    const program = programOf("auto", "ignored", " root ");
    expect(program).toMatchObject({ user: "root", label: "bash or sh" });
    const words = "cmd" in program ? splitCommand(program.cmd) : [];
    expect(words).toEqual(["sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"]);
  });

  test("of the image, or somebody's own", () => {
    expect(programOf("bash", "", "")).toEqual({ cmd: "/bin/bash", label: "bash", user: "" });
    expect(programOf("own", "  psql -U app  ", "")).toEqual({ cmd: "psql -U app", label: "psql -U app", user: "" });
    const long = programOf("own", `sh -c '${"x".repeat(50)}'`, "");
    expect("label" in long && long.label).toHaveLength(24);
  });

  test.each([
    ["own", " ", "", /which command/],
    ["own", "x".repeat(4097), "", /4096/],
    ["sh", "", "u".repeat(257), /256/],
  ] as const)("%s %#: says what is wrong", (shell, command, user, message) => {
    const program = programOf(shell, command, user);
    expect("error" in program && program.error).toMatch(message);
  });
});
