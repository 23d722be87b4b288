import type { HubSetting } from "@fairlead/protocol/rest";
import { formatBytes } from "../../../ui/format.ts";

export interface SettingGroup {
  readonly title: string;
  readonly items: readonly HubSetting[];
}

const TITLES: readonly (readonly [prefix: string, title: string])[] = [
  ["retention.", "Retention"],
  ["oidc.", "Sign-in by a provider (OIDC)"],
  ["dial.", "Addresses that the hub dials"],
  ["database.", "Database"],
  ["", "Hub"],
];

/** Settings by what they are about; groups without one are left out. */
export function settingGroups(settings: readonly HubSetting[]): readonly SettingGroup[] {
  const groups = Map.groupBy(settings, ({ name }) => TITLES.find(([prefix]) => name.startsWith(prefix))?.[1] ?? "Hub");
  return TITLES.map(([, title]) => ({ title, items: groups.get(title) ?? [] })).filter(({ items }) => items.length > 0);
}

/** A value in words. */
export function settingText({ name, value }: Pick<HubSetting, "name" | "value">): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return "not set";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.join(", ");
  if (name.startsWith("retention.")) return `${value} days`;
  return name.endsWith(".bytes") && typeof value === "number" ? formatBytes(value) : String(value);
}
