import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isFairleadError } from "@fairlead/protocol";
import { type TempDir, tempDir } from "@fairlead/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AgentConfig, loadConfig } from "../config.ts";

let folder: TempDir;
beforeEach(async () => {
  folder = await tempDir();
});
afterEach(() => folder.stop());

const SECRET = "s".repeat(43);
const JOIN_KEY = `flj_${SECRET}`;
const WITH_FINGERPRINT = `${JOIN_KEY}.${"f".repeat(43)}`;
const SERVER = "wss://hub.example";
const KEPT = { server: SERVER, token: "fla_kept", pin: "p".repeat(43), joinKeyHash: "0".repeat(64) };

function load(env: Record<string, string>, overrides = {}): AgentConfig {
  return loadConfig({ FAIRLEAD_DATA_DIR: folder.path, AGENT_ID: "a", ...env }, overrides);
}

function failure(env: Record<string, string>): string {
  try {
    load(env);
  } catch (error) {
    if (!isFairleadError(error, "config_invalid")) throw error;
    expect(error.message).not.toContain(SECRET);
    return error.message;
  }
  throw new Error("The settings were taken");
}

const keep = (text: string): Promise<void> => writeFile(join(folder.path, "hub-credential.json"), text);

describe("a join key", () => {
  test("is taken from its variable, a file, or the command line, which wins", async () => {
    const file = join(folder.path, "key");
    await writeFile(file, `${WITH_FINGERPRINT}\n`);
    const base = { FAIRLEAD_SERVER_URL: SERVER };
    expect(load({ ...base, FAIRLEAD_JOIN_KEY: JOIN_KEY }).joinKey).toBe(JOIN_KEY);
    expect(load({ ...base, FAIRLEAD_JOIN_KEY_FILE: file }).joinKey).toBe(WITH_FINGERPRINT);
    const flag = load({ ...base, FAIRLEAD_JOIN_KEY: JOIN_KEY }, { joinKey: WITH_FINGERPRINT });
    expect(flag).toMatchObject({ joinKey: WITH_FINGERPRINT, mode: "edge" });
    expect(flag).not.toHaveProperty("token");
  });

  test.each([
    [
      { FAIRLEAD_JOIN_KEY: `fla_${SECRET}` },
      /^FAIRLEAD_JOIN_KEY \(value not shown\) is no join key: those begin with flj_/,
    ],
    [{ FAIRLEAD_JOIN_KEY: JOIN_KEY.slice(1) }, /is no join key/],
    [{ FAIRLEAD_JOIN_KEY: `${JOIN_KEY}.short` }, /is no join key/],
    [{ TOKEN: JOIN_KEY }, /^TOKEN \(value not shown\) is a join key: set it as FAIRLEAD_JOIN_KEY/],
    [{ FAIRLEAD_SERVER_URL: "ws://hub.example", FAIRLEAD_JOIN_KEY: WITH_FINGERPRINT }, /must begin with wss:/],
    [{ FAIRLEAD_SERVER_URL: "", FAIRLEAD_JOIN_KEY: JOIN_KEY }, /^FAIRLEAD_SERVER_URL is not set: a join key needs/],
    [{}, /^TOKEN is not set: .* or a join key, in FAIRLEAD_JOIN_KEY/],
  ])("%j is refused", (env, message) => {
    expect(failure({ FAIRLEAD_SERVER_URL: SERVER, ...env })).toMatch(message);
  });

  test("is not used beside a token", () => {
    const config = load({ FAIRLEAD_SERVER_URL: SERVER, TOKEN: "t", FAIRLEAD_JOIN_KEY: JOIN_KEY });
    expect(config).toMatchObject({ token: "t", warnings: ["TOKEN is set, so FAIRLEAD_JOIN_KEY is not used"] });
    expect(config).not.toHaveProperty("joinKey");
    expect(load({ TOKEN: "t", FAIRLEAD_JOIN_KEY: JOIN_KEY })).toMatchObject({ mode: "standard", token: "t" });
  });
});

describe("what an earlier join left", () => {
  test.each(["", "/api/hawser/connect", "/api/v1/agents/connect"])(
    "is found for its hub, dialled at %j",
    async (path) => {
      await keep(JSON.stringify(KEPT));
      expect(load({ FAIRLEAD_SERVER_URL: SERVER + path })).toMatchObject({ credential: KEPT, warnings: [] });
    },
  );

  test("belongs to a hub below a path, too, and is given to no other port, scheme or path", async () => {
    await keep(JSON.stringify({ ...KEPT, server: `${SERVER}/hub` }));
    expect(load({ FAIRLEAD_SERVER_URL: `${SERVER}/hub/api/hawser/connect` }).credential?.token).toBe("fla_kept");
    for (const url of [SERVER, `${SERVER}:8375/hub/api/hawser/connect`, "ws://hub.example/hub/api/hawser/connect"]) {
      expect(failure({ FAIRLEAD_SERVER_URL: url })).toMatch(
        /TOKEN is not set.*is for wss:\/\/hub\.example\/hub, not for/,
      );
    }
  });

  test("loses against a given token, and is not asked for in standard mode", async () => {
    await keep(JSON.stringify(KEPT));
    expect(load({ FAIRLEAD_SERVER_URL: SERVER, TOKEN: "t" })).not.toHaveProperty("credential");
    expect(load({ TOKEN: "t" })).not.toHaveProperty("credential");
  });

  test.each([
    "",
    "not json fla_kept",
    "null",
    "[]",
    '{"server":"wss://hub.example"}',
    JSON.stringify({ ...KEPT, pin: 1 }),
  ])("and is damaged (%j) is named without what is in it; with a join key it is no hindrance", async (text) => {
    await keep(text);
    const message = failure({ FAIRLEAD_SERVER_URL: SERVER });
    expect(message).toMatch(/hub-credential\.json cannot be read \(it is damaged\)/);
    expect(message).not.toContain("fla_kept");
    const config = load({ FAIRLEAD_SERVER_URL: SERVER, FAIRLEAD_JOIN_KEY: JOIN_KEY });
    expect(config.warnings).toMatchObject([expect.stringMatching(/it is damaged\): joining again/)]);
    expect(config).not.toHaveProperty("credential");
  });

  test("and cannot be read is named with the reason", async () => {
    await mkdir(join(folder.path, "hub-credential.json"));
    expect(failure({ FAIRLEAD_SERVER_URL: SERVER })).toContain("(EISDIR)");
  });
});
