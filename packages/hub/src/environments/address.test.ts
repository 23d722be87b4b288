import { isFairleadError } from "@fairlead/protocol";
import type { EnvironmentKind } from "@fairlead/protocol/rest";
import { describe, expect, test } from "vitest";
import { dialTarget, normaliseAddress } from "./address.ts";

test.each<[EnvironmentKind, string, string, object]>([
  ["standard", "http://host:2376", "http://host:2376", { host: "host", port: 2376, secure: false }],
  [
    "standard",
    "HTTPS://Host.Example/",
    "https://host.example:2376",
    { host: "host.example", port: 2376, secure: true },
  ],
  ["standard", "http://host:80", "http://host:80", { host: "host", port: 80, secure: false }],
  ["direct", "tcp://10.0.0.1", "tcp://10.0.0.1:2375", { host: "10.0.0.1", port: 2375, secure: false }],
  ["direct", "http://host:2375", "tcp://host:2375", { host: "host", port: 2375, secure: false }],
  ["direct", "https://host", "https://host:2376", { host: "host", port: 2376, secure: true }],
  ["direct", "https://host:443", "https://host:443", { host: "host", port: 443, secure: true }],
  [
    "direct",
    "tcp://[2001:db8::1]:2375",
    "tcp://[2001:db8::1]:2375",
    { host: "2001:db8::1", port: 2375, secure: false },
  ],
  ["direct", "tcp://[::1]", "tcp://[::1]:2375", { host: "::1", port: 2375, secure: false }],
  ["socket", "unix:///var/run/docker.sock", "unix:///var/run/docker.sock", { path: "/var/run/docker.sock" }],
  ["socket", "/run/podman.sock", "unix:///run/podman.sock", { path: "/run/podman.sock" }],
])("%s %s is stored as %s", (kind, address, stored, target) => {
  expect(normaliseAddress(kind, address, null)).toBe(stored);
  expect(dialTarget(kind, stored)).toMatchObject(target);
  expect(normaliseAddress(kind, stored, null)).toBe(stored);
});

test("a direct address with TLS settings is TLS, as Docker's own client has it", () => {
  expect(normaliseAddress("direct", "tcp://host", {})).toBe("https://host:2376");
  expect(normaliseAddress("direct", "tcp://host:2375", {})).toBe("https://host:2375");
});

test("an edge environment has none", () => {
  expect(normaliseAddress("edge", undefined, null)).toBeNull();
});

describe("refused, naming the field, the value and what is allowed:", () => {
  test.each<[EnvironmentKind, string | undefined]>([
    ["edge", "tcp://host:1"],
    ["standard", undefined],
    ["standard", "host:2376"],
    ["standard", "tcp://host:2376"],
    ["standard", "http://host:2376/path"],
    ["standard", "http://host:2376?x"],
    ["direct", "unix:///var/run/docker.sock"],
    ["direct", "tcp://"],
    ["direct", "tcp://host:99999"],
    ["direct", "tcp://host:0"],
    ["direct", "tcp://2001:db8::1"],
    ["direct", "ssh://host"],
    ["socket", "docker.sock"],
    ["socket", "tcp://host:1"],
    ["socket", `/${"x".repeat(107)}`],
    ["socket", "/a\0b"],
  ])("%s %s", (kind, address) => {
    const error = failure(kind, address);
    expect(error.code).toBe("bad_request");
    expect(error.details).toEqual({ field: "address" });
    expect(error.message).toContain(kind);
    expect(error.message).toContain("Allowed: ");
    if (address !== undefined) expect(error.message).toContain(JSON.stringify(address));
  });

  test("a password, without repeating it", () => {
    expect(failure("direct", "https://user:hunter2@host").message).not.toContain("hunter2");
  });
});

function failure(
  kind: EnvironmentKind,
  address: string | undefined,
): { code: string; message: string; details: unknown } {
  try {
    normaliseAddress(kind, address, null);
  } catch (error) {
    if (isFairleadError(error)) return { code: error.code, message: error.message, details: error.details };
    throw error;
  }
  throw new Error("The address was taken");
}
