import { hash } from "node:crypto";
import { type HubSettingList, HubSettingListSchema } from "@fairlead/protocol/rest";
import { newSecret, tempDir } from "@fairlead/testkit";
import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { loadHubConfig } from "../config.ts";
import { appFixture } from "./app-fixture.ts";
import { settingsRoutes, type ToldConfig } from "./settings-routes.ts";

const REQUEST = { url: "/api/v1/settings" };

/** Each setting's value by its name, as the hub tells it, with the text of the answer. */
async function told(
  config: ToldConfig,
): Promise<{ values: Record<string, unknown>; items: HubSettingList["items"]; text: string }> {
  await using fixture = await appFixture((app) => settingsRoutes(app, config));
  const answer = await fixture.request(REQUEST);
  expect(answer.statusCode, answer.body).toBe(200);
  expect(Compile(HubSettingListSchema).Check(answer.json())).toBe(true);
  const { items } = answer.json<HubSettingList>();
  return { items, values: Object.fromEntries(items.map(({ name, value }) => [name, value])), text: answer.body };
}

test("what was set is told with the variable that sets it", async () => {
  await using folder = await tempDir();
  const env: Record<string, string> = {
    FAIRLEAD_HUB_DATA_DIR: folder.path,
    FAIRLEAD_PUBLIC_URL: "https://hub.example",
    FAIRLEAD_TRUST_PROXY: "true",
    FAIRLEAD_EVENT_DAYS: "7",
    FAIRLEAD_METRICS_DAYS: "8",
    FAIRLEAD_CONTAINER_METRICS_INTERVAL: "30",
    FAIRLEAD_AUDIT_DAYS: "9",
    FAIRLEAD_RECORD_EXEC: "output",
    FAIRLEAD_REQUESTS_PER_SECOND: "50",
    FAIRLEAD_DIAL_ALLOW: "127.0.0.1",
    FAIRLEAD_DIAL_DENY: "10.0.0.0/8",
    FAIRLEAD_OIDC_ISSUER: "https://id.example",
    FAIRLEAD_OIDC_CLIENT_ID: "fairlead",
    FAIRLEAD_OIDC_NAME: "Example",
    FAIRLEAD_OIDC_GROUPS_CLAIM: "teams",
    FAIRLEAD_OIDC_ROLES: "admins=admin,ops=operator",
  };
  const { values, items } = await told(loadHubConfig(env));
  expect(values).toMatchObject({
    publicUrl: "https://hub.example",
    tls: false,
    trustProxy: true,
    "retention.events": 7,
    "retention.metrics": 8,
    "retention.audit": 9,
    recordExec: "output",
    requestsPerSecond: 50,
    "dial.allow": ["127.0.0.1/32"],
    "dial.deny": ["10.0.0.0/8"],
    "oidc.issuer": "https://id.example",
    "oidc.clientId": "fairlead",
    "oidc.name": "Example",
    "oidc.groupsClaim": "teams",
    "oidc.roles": ["admins=admin", "ops=operator"],
    "database.kind": "sqlite",
  });
  const { FAIRLEAD_HUB_DATA_DIR: _folder, ...others } = env;
  const variables = items.map(({ variable }) => variable).filter((variable) => variable !== null);
  expect(variables.toSorted()).toEqual([...Object.keys(others), "FAIRLEAD_TLS_CERT"].toSorted());
  // The database of this test is elsewhere.
  expect(values["database.bytes"]).toBe(0);
});

test("without settings each is there, with its default or null", async () => {
  await using folder = await tempDir();
  const { values } = await told(loadHubConfig({ FAIRLEAD_HUB_DATA_DIR: folder.path }));
  expect(values).toMatchObject({ publicUrl: null, requestsPerSecond: 1000, "dial.allow": [], "oidc.issuer": null });
});

test("no secret is told", async () => {
  await using folder = await tempDir();
  const [clientSecret, bootstrapToken, key, password] = [newSecret(), newSecret(), newSecret(), newSecret()];
  const config = loadHubConfig({
    FAIRLEAD_HUB_DATA_DIR: folder.path,
    FAIRLEAD_BOOTSTRAP_TOKEN: bootstrapToken,
    FAIRLEAD_OIDC_ISSUER: `https://user:${password}@id.example`,
    FAIRLEAD_OIDC_CLIENT_ID: "fairlead",
    FAIRLEAD_OIDC_CLIENT_SECRET: clientSecret,
  });
  const { text, values } = await told({ ...config, tls: { cert: "a certificate", key } });
  for (const secret of [clientSecret, bootstrapToken, key, password]) {
    expect(text.includes(secret), hash("sha256", secret)).toBe(false);
  }
  expect(values).toMatchObject({ tls: true, "oidc.issuer": "https://id.example/" });
  expect(text).not.toContain(folder.path);
});
