import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isFairleadError } from "@fairlead/protocol";
import { tempDir } from "@fairlead/testkit";
import { describe, expect, test } from "vitest";
import { type HubFlags, loadHubConfig, servesOwnMachine } from "./config.ts";

function failure(env: Record<string, string>, flags: HubFlags = {}): string {
  try {
    loadHubConfig(env, flags);
  } catch (error) {
    if (isFairleadError(error, "config_invalid")) return error.message;
    throw error;
  }
  throw new Error("The settings were taken");
}

describe("defaults", () => {
  test("serve other machines and keep data in the user's folder", () => {
    expect(loadHubConfig({ XDG_DATA_HOME: "/x" })).toEqual({
      host: "0.0.0.0",
      port: 8375,
      dataDir: "/x/fairlead",
      logLevel: "info",
      requestsPerSecond: 1_000,
      trustProxy: false,
      dial: { allow: [], deny: [] },
      retention: { events: 30, metrics: 30, audit: 365 },
      recordExec: "off",
      containerMetricsIntervalS: 60,
    });
    expect(loadHubConfig({ XDG_DATA_HOME: "relative" }).dataDir).toMatch(/^\/.*\/\.local\/share\/fairlead$/);
  });

  test("an empty variable counts as not set", () => {
    expect(loadHubConfig({ FAIRLEAD_LISTEN: "", FAIRLEAD_BOOTSTRAP_TOKEN: "" })).toEqual(loadHubConfig({}));
  });
});

describe("where to listen", () => {
  test.each([
    ["127.0.0.1:9000", "127.0.0.1", 9000],
    ["localhost:0", "localhost", 0],
    [":81", "0.0.0.0", 81],
    ["[::1]:80", "::1", 80],
    ["hub.example", "hub.example", 8375],
  ])("%s", (listen, host, port) => {
    expect(loadHubConfig({ FAIRLEAD_LISTEN: listen })).toMatchObject({ host, port });
  });

  test.each(["a:b", "1.2.3.4:70000", "::1:80", "http://x:80", ""])("%s is refused", (listen) => {
    expect(failure({}, { listen })).toContain(`--listen is "${listen}". Allowed: HOST:PORT`);
  });

  test("a flag wins over its variable", () => {
    const config = loadHubConfig(
      { FAIRLEAD_LISTEN: "1.1.1.1:1", FAIRLEAD_HUB_DATA_DIR: "/a" },
      { listen: ":2", data: "/b" },
    );
    expect(config).toMatchObject({ host: "0.0.0.0", port: 2, dataDir: "/b" });
  });
});

describe("files", () => {
  test("give the bootstrap token and the certificate", async () => {
    await using folder = await tempDir();
    const file = (name: string): string => join(folder.path, name);
    await writeFile(file("token"), "secret-of-the-file\n");
    await writeFile(file("cert"), "CERT");
    await writeFile(file("key"), "KEY");
    const config = loadHubConfig(
      { FAIRLEAD_BOOTSTRAP_TOKEN_FILE: file("token"), FAIRLEAD_TLS_CERT: file("cert") },
      { tlsKey: file("key") },
    );
    expect(config).toMatchObject({ bootstrapToken: "secret-of-the-file", tls: { cert: "CERT", key: "KEY" } });
  });

  test("that are missing are named", () => {
    expect(failure({ FAIRLEAD_BOOTSTRAP_TOKEN_FILE: "/none" })).toMatch(/^FAIRLEAD_BOOTSTRAP_TOKEN_FILE is "\/none"/);
    expect(failure({ FAIRLEAD_TLS_CERT: "/c" })).toMatch(/^FAIRLEAD_TLS_KEY is not set/);
    expect(failure({}, { tlsKey: "/k" })).toMatch(/^FAIRLEAD_TLS_CERT is not set/);
  });
});

test.each([
  ["LOG_LEVEL", "loud", "one of trace, debug"],
  ["FAIRLEAD_TRUST_PROXY", "maybe", "one of true, false"],
  ["FAIRLEAD_EVENT_DAYS", "-1", "a number of days above 0"],
  ["FAIRLEAD_METRICS_DAYS", "many", "a number of days above 0"],
  ["FAIRLEAD_CONTAINER_METRICS_INTERVAL", "5", "whole seconds from 10 to 300, or 0"],
  ["FAIRLEAD_CONTAINER_METRICS_INTERVAL", "1m", "whole seconds from 10 to 300, or 0"],
  ["FAIRLEAD_AUDIT_DAYS", "0", "a number of days above 0"],
  ["FAIRLEAD_RECORD_EXEC", "input", "one of off, output, all"],
])("%s with a wrong value names itself, the value and what is allowed", (variable, value, allowed) => {
  expect(failure({ [variable]: value })).toContain(`${variable} is "${value}". Allowed: ${allowed}`);
});

test("other settings are read", () => {
  const env = {
    LOG_LEVEL: "DEBUG",
    FAIRLEAD_TRUST_PROXY: "true",
    FAIRLEAD_EVENT_DAYS: "0.5",
    FAIRLEAD_METRICS_DAYS: "7",
    FAIRLEAD_AUDIT_DAYS: "90",
    FAIRLEAD_RECORD_EXEC: "all",
  };
  expect(loadHubConfig(env)).toMatchObject({
    logLevel: "debug",
    trustProxy: true,
    retention: { events: 0.5, metrics: 7, audit: 90 },
    recordExec: "all",
  });
});

describe("networks that are dialled, or not", () => {
  test("are addresses and networks, with commas or spaces between them", () => {
    const env = { FAIRLEAD_DIAL_ALLOW: "127.0.0.1, fd00::1", FAIRLEAD_DIAL_DENY: "10.0.0.0/8 fd00::/8,0.0.0.0/0" };
    expect(loadHubConfig(env).dial).toEqual({
      allow: ["127.0.0.1/32", "fd00::1/128"],
      deny: ["10.0.0.0/8", "fd00::/8", "0.0.0.0/0"],
    });
  });

  test.each([
    "localhost",
    "10.0.0.0/33",
    "fd00::/129",
    "10.0.0",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "fe80::1%eth0",
    "10.0.0.0/8/8",
  ])("%s is refused", (value) => {
    expect(failure({ FAIRLEAD_DIAL_DENY: `10.0.0.1,${value}` })).toContain(
      `FAIRLEAD_DIAL_DENY is "${value}". Allowed: IP addresses and networks`,
    );
  });

  test.each([
    ["127.0.0.1", false, true],
    ["127.8.8.8", false, true],
    ["localhost", false, true],
    ["::1", false, true],
    ["127.0.0.1", true, false],
    ["0.0.0.0", false, false],
    ["::", false, false],
    ["127.example", false, false],
    ["192.0.2.1", false, false],
  ])("a hub on %s (before a proxy: %s) serves its own machine alone: %s", (host, trustProxy, expected) => {
    expect(servesOwnMachine({ host, trustProxy })).toBe(expected);
  });
});
