import { type HubSetting, HubSettingListSchema } from "@fairlead/protocol/rest";
import { DEFAULT_REQUESTS_PER_SECOND } from "../access/request-limit.ts";
import type { HubConfig } from "../config.ts";
import { databaseSize } from "../database/database-size.ts";
import { HUB_VERSION } from "../version.ts";
import type { HubApp } from "./app.ts";
import { problems } from "./route-schemas.ts";

/** What of the configuration is told. */
export type ToldConfig = Pick<
  HubConfig,
  | "publicUrl"
  | "containerMetricsIntervalS"
  | "tls"
  | "trustProxy"
  | "retention"
  | "recordExec"
  | "dial"
  | "oidc"
  | "dataDir"
> &
  Partial<Pick<HubConfig, "requestsPerSecond">>;

/** `/api/v1/settings`: what the hub runs with, and which variable changes it. */
export function settingsRoutes(app: HubApp, config: ToldConfig): void {
  app.get(
    "/api/v1/settings",
    {
      config: { permission: "hub.manage" },
      schema: {
        tags: ["hub"],
        summary: "What this hub runs with",
        description: "Reading only, and no secrets. A variable takes effect when the hub starts anew.",
        response: { 200: HubSettingListSchema, ...problems },
      },
    },
    async () => ({ items: [...hubSettings(config), ...(await databaseSettings(config.dataDir))] }),
  );
}

type Row = readonly [
  name: string,
  variable: string | null,
  value: HubSetting["value"] | undefined,
  description: string,
];

function hubSettings(config: ToldConfig): HubSetting[] {
  const { retention, dial } = config;
  const rows: Row[] = [
    ["version", null, HUB_VERSION, "Version of the hub."],
    ["publicUrl", "FAIRLEAD_PUBLIC_URL", config.publicUrl, "The URL that people use. Not set: where the hub listens."],
    ["tls", "FAIRLEAD_TLS_CERT", config.tls !== undefined, "HTTPS by a certificate of the hub's own."],
    [
      "trustProxy",
      "FAIRLEAD_TRUST_PROXY",
      config.trustProxy,
      "Callers' addresses are taken from X-Forwarded-For, which a proxy before the hub must set.",
    ],
    ["retention.events", "FAIRLEAD_EVENT_DAYS", retention.events, "Days that container events are kept."],
    ["retention.metrics", "FAIRLEAD_METRICS_DAYS", retention.metrics, "Days that 5-minute figures of hosts are kept."],
    [
      "containerMetricsIntervalSeconds",
      "FAIRLEAD_CONTAINER_METRICS_INTERVAL",
      config.containerMetricsIntervalS,
      "Seconds between two figures of each container that are kept. 0: none are kept.",
    ],
    ["retention.audit", "FAIRLEAD_AUDIT_DAYS", retention.audit, "Days that the audit log and recordings are kept."],
    [
      "recordExec",
      "FAIRLEAD_RECORD_EXEC",
      config.recordExec,
      "What is recorded of terminals: off, output (what they show), or all (also what is typed).",
    ],
    [
      "requestsPerSecond",
      "FAIRLEAD_REQUESTS_PER_SECOND",
      config.requestsPerSecond ?? DEFAULT_REQUESTS_PER_SECOND,
      "Requests that one API token or person may make for long. 0: no limit.",
    ],
    ["dial.allow", "FAIRLEAD_DIAL_ALLOW", [...dial.allow], "Networks that are dialled whatever else says."],
    ["dial.deny", "FAIRLEAD_DIAL_DENY", [...dial.deny], "Networks that are not dialled unless allowed."],
    ...oidcRows(config.oidc),
  ];
  return rows.map(setting);
}

/** The client's secret is not told, not even whether there is one. */
function oidcRows(oidc: ToldConfig["oidc"]): Row[] {
  const roles = oidc?.roles.map(({ group, role }) => `${group}=${role}`);
  return [
    [
      "oidc.issuer",
      "FAIRLEAD_OIDC_ISSUER",
      oidc && withoutCredentials(oidc.issuer),
      "The provider that people sign in with.",
    ],
    ["oidc.clientId", "FAIRLEAD_OIDC_CLIENT_ID", oidc?.clientId, "The id under which the provider knows this hub."],
    ["oidc.name", "FAIRLEAD_OIDC_NAME", oidc?.name, "The provider's name on the button to sign in."],
    ["oidc.groupsClaim", "FAIRLEAD_OIDC_GROUPS_CLAIM", oidc?.groupsClaim, "The claim that lists a person's groups."],
    ["oidc.roles", "FAIRLEAD_OIDC_ROLES", roles, "By group of the provider: the role everywhere, as GROUP=ROLE."],
  ];
}

async function databaseSettings(dataDir: string): Promise<HubSetting[]> {
  const rows: Row[] = [
    ["database.kind", null, "sqlite", "The database in the data folder."],
    ["database.bytes", null, await databaseSize(dataDir), "Its size on disk."],
  ];
  return rows.map(setting);
}

function setting([name, variable, value = null, description]: Row): HubSetting {
  return { name, value, variable, description };
}

function withoutCredentials(text: string): string {
  const url = URL.parse(text);
  // As it was given, otherwise: a provider's issuer is compared by its characters.
  if (!url || (url.username === "" && url.password === "")) return text;
  url.username = url.password = "";
  return url.href;
}
