import type { FairleadClient } from "@fairlead/api-client";
import { isPermission, type Permission } from "@fairlead/protocol";
import type { ApiToken, GrantInput, RoleBinding } from "@fairlead/protocol/rest";
import type { Command } from "commander";
import { parseLabels } from "../commands/env/dial-options.ts";
import { UsageError } from "../errors.ts";

export interface GrantFlags {
  role?: string;
  permission?: string[];
  env?: string[];
  label?: string[];
}

/** `--env` and `--label`: where what is given holds. */
export function addScopeOptions(command: Command): Command {
  return command
    .option("--env <env...>", "only on these environments (names or ids)")
    .option("--label <name=value...>", "only on environments with one of these labels");
}

/** Scopes of the options; everywhere when none is given. @throws UsageError; FairleadError not_found. */
async function readScopes(
  { env = [], label = [] }: Pick<GrantFlags, "env" | "label">,
  client: FairleadClient,
): Promise<GrantInput["scope"][]> {
  const environments = await Promise.all(env.map((ref) => client.getEnvironment(ref)));
  const scopes: GrantInput["scope"][] = [
    ...environments.map(({ id }) => ({ type: "environment", environmentId: id }) as const),
    ...parseLabels(label).map(([name, value]) => ({ type: "label", name, value }) as const),
  ];
  return scopes.length === 0 ? [{ type: "all" }] : scopes;
}

/** What `--role` gives a person, where the scope options say. @throws UsageError; FairleadError not_found. */
export async function readRoles(flags: GrantFlags, client: FairleadClient): Promise<RoleBinding[]> {
  const { role } = flags;
  if (role === undefined && (flags.env || flags.label)) throw new UsageError("--env and --label need a --role");
  if (role === undefined) return [];
  return (await readScopes(flags, client)).map((scope) => ({ role, scope }));
}

/** Undefined when no option limits anything. @throws UsageError; FairleadError not_found. */
export async function readGrants(flags: GrantFlags, client: FairleadClient): Promise<GrantInput[] | undefined> {
  const { role, permission } = flags;
  if (role !== undefined && permission) throw new UsageError("use --role or --permission, not both");
  if (role === undefined && !permission) {
    if (flags.env || flags.label) throw new UsageError("--env and --label need a --role or --permission");
    return undefined;
  }
  const scopes = await readScopes(flags, client);
  if (role !== undefined) return scopes.map((scope) => ({ role, scope }));
  const permissions = parsePermissions(permission ?? []);
  return scopes.map((scope) => ({ permissions, scope }));
}

/** @throws UsageError naming the one that is none. */
export function parsePermissions(texts: readonly string[]): Permission[] {
  return texts
    .flatMap((text) => text.split(","))
    .filter((text) => text !== "")
    .map((text) => {
      if (!isPermission(text)) throw new UsageError(`'${text}' is no permission; see 'fairlead role permissions'`);
      return text;
    });
}

/** What a token may do in a few words, for tables. */
export function grantsText({ grants, owner }: Pick<ApiToken, "grants" | "owner">): string {
  if (grants === null) return owner === null ? "everything" : "all that its owner may";
  return grants
    .map((grant) => {
      const what = "role" in grant ? grant.role : grant.permissions.join(",");
      const { scope } = grant;
      if (scope.type === "all") return what;
      return `${what} on ${scope.type === "label" ? `${scope.name}=${scope.value}` : `#${scope.environmentId}`}`;
    })
    .join("; ");
}
