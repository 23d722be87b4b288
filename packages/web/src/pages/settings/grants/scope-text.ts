import type { Environment, Me } from "@fairlead/protocol/rest";

type Scope = Me["grants"][number]["scope"];

/** Where a role or permission holds, in words. */
export function scopeText(scope: Scope, environments: ReadonlyMap<number, Pick<Environment, "name">>): string {
  if (scope.type === "all") return "everywhere";
  if (scope.type === "label") return `where ${scope.name}=${scope.value}`;
  return `on ${environments.get(scope.environmentId)?.name ?? `environment ${scope.environmentId}`}`;
}
