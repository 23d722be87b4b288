import { describe, expect, test } from "vitest";
import { negotiate, parseEngineVersion } from "./api-version.ts";

describe("API version of the agent's own calls", () => {
  test.each([
    ["Docker 20.10", "1.41", "1.12", "1.41"],
    ["Docker 26.1", "1.45", "1.24", "1.44"],
    ["Docker 29", "1.52", "1.44", "1.44"],
    ["an engine that takes newer calls only", "1.60", "1.50", "1.50"],
    ["Podman 4.3", "1.41", "1.24", "1.41"],
    ["1.9 is older than 1.10", "1.9", "1.5", "1.9"],
    ["an engine without a minimum", "1.30", "", "1.30"],
    ["an engine that says nothing", "", "", undefined],
    ["nonsense", "latest/../..", "", undefined],
  ])("%s (%s, at least %s): %s", (_name, newest, oldest, expected) => {
    expect(negotiate(newest, oldest)).toBe(expected);
  });

  test("reads /version of Docker and Podman", () => {
    const docker = { Version: "26.1.5", ApiVersion: "1.45", MinAPIVersion: "1.24", Components: [{ Name: "Engine" }] };
    expect(parseEngineVersion(JSON.stringify(docker))).toEqual({
      version: "26.1.5",
      apiVersion: "1.44",
      isPodman: false,
    });
    const podman = {
      Version: "4.3.1",
      ApiVersion: "1.41",
      MinAPIVersion: "1.24",
      Components: [{ Name: "Podman Engine" }],
    };
    expect(parseEngineVersion(JSON.stringify(podman))).toEqual({
      version: "4.3.1",
      apiVersion: "1.41",
      isPodman: true,
    });
  });

  test.each(["", "null", "[]", "<html>", `{"Version":5,"Components":[null]}`])(
    "reads %j as an engine that says nothing",
    (body) => {
      expect(parseEngineVersion(body)).toEqual({ version: "", apiVersion: undefined, isPodman: false });
    },
  );
});
