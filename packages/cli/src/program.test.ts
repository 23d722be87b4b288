import type { Command } from "commander";
import { fairleadBin, runCommand, tempDir } from "@fairlead/testkit";
import { describe, expect, test } from "vitest";
import { buildProgram } from "./program.ts";

/** Every command with its words, those with verbs below them included. */
function allCommands(command: Command, words: string[] = []): [string, Command][] {
  const children = command.commands.flatMap((child) => allCommands(child, [...words, child.name()]));
  return words.length === 0 ? children : [[words.join(" "), command], ...children];
}

const fairlead = async (...args: string[]) => {
  await using home = await tempDir();
  const env = {
    HOME: home.path,
    XDG_CONFIG_HOME: undefined,
    XDG_DATA_HOME: undefined,
    FAIRLEAD_URL: undefined,
    FAIRLEAD_API_TOKEN: undefined,
    FAIRLEAD_API_TOKEN_FILE: undefined,
    FAIRLEAD_HUB_DATA_DIR: undefined,
  };
  const { code, stdout, stderr } = await runCommand(fairleadBin, args, { env });
  return { code, stdout: stdout.toString(), stderr: stderr.toString() };
};

describe("help", () => {
  const commands = allCommands(buildProgram());

  test.each(commands)("%s says what it does, with examples that begin with it", (words, command) => {
    let text = "";
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    expect(command.description().length).toBeGreaterThan(10);
    const [verb = ""] = words.split(" ").slice(-1);
    expect(text.split("Examples:")[1]).toMatch(new RegExp(`fairlead .*\\b${verb}\\b`));
  });

  test("every command that prints a result has --json", () => {
    const without = ["up", "hub", "agent", "docker", "exec"];
    const leaves = commands.filter(([words, command]) => command.commands.length === 0 && !without.includes(words));
    const missing = leaves.filter(([, command]) => !command.options.some(({ long }) => long === "--json"));
    expect(missing.map(([words]) => words)).toEqual([]);
  });

  test("is no failure when it is asked for, and one when a command is missing", async () => {
    expect(await fairlead("--help")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Usage: fairlead"),
      stderr: "",
    });
    expect(await fairlead("agent", "--help")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("--healthcheck"),
    });
    expect(await fairlead()).toMatchObject({ code: 2, stdout: "" });
    expect(await fairlead("env")).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("a wrong command line is told in one line, with exit code 2", () => {
  test.each([
    [["nosuch"], /unknown command 'nosuch'/],
    [["env", "lst"], /unknown command 'lst' \(Did you mean .*list/],
    [["ps", "--bogus"], /unknown option '--bogus'; see 'fairlead ps --help'/],
    [["env", "show"], /missing required argument 'env'/],
    [["env", "add", "x", "--kind", "y"], /Allowed choices are edge, standard, direct, socket/],
    [["env", "update", "x"], /nothing to change/],
    [["env", "add", "x", "--label", "y", "--hub", "http://h", "--api-token", "t"], /--label 'y' must be name=value/],
    [["env", "rotate-token", "x", "--overlap", "-1"], /--overlap/],
    [["logs", "--tail", "many"], /--tail 'many'/],
    [["logs", "--since", "soon"], /--since 'soon'/],
    [["stats", "--interval", "0"], /--interval must be a whole number from 1 to 3600/],
    [["token", "revoke", "x"], /whole number/],
    [["up", "--port", "70000"], /--port must be a whole number from 0 to 65535/],
    [["agent", "--bogus"], /Unknown option '--bogus'; see 'fairlead agent --help'/],
    [["ps"], /No hub is known: start one with 'fairlead up'/],
    [["ps", "--hub", "hub.example"], /--hub: 'hub\.example' is not a hub's URL/],
    [["ps", "--hub", "http://hub.example"], /No API token for http:\/\/hub\.example/],
    [["docker", "--json", "web"], /unknown option '--json'/],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await fairlead(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^fairlead: .*\n$/);
    expect(stderr).toMatch(message);
  });
});

test("a hub that does not answer is exit code 1, without the token", async () => {
  const { code, stderr } = await fairlead("ps", "--hub", "http://127.0.0.1:1", "--api-token", "fl_secret");
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/^fairlead: Cannot reach the hub at http:\/\/127\.0\.0\.1:1: .*\n$/),
  ]);
  expect(stderr).not.toContain("fl_secret");
});

test("version", async () => {
  const { version } = JSON.parse((await fairlead("version", "--json")).stdout) as { version: string };
  expect((await fairlead("agent", "--version")).stdout).toBe(`${version}\n`);
  expect((await fairlead("version")).stdout).toContain(`fairlead ${version} (protocol 1.0`);
});

test("a reader that goes away is no failure", async () => {
  const { stdout, stderr } = await runCommand("sh", ["-c", `${fairleadBin} --help | true; echo "after"`]);
  expect([stdout.toString(), stderr.toString()]).toEqual(["after\n", ""]);
});
