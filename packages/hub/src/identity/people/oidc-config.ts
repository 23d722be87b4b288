import { type Environment, invalid, secretSetting, setting } from "../../settings.ts";

/** A provider that people sign in with, and what their groups there are worth here. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret?: string;
  /** On the button. */
  readonly name: string;
  readonly scopes: readonly string[];
  /** The claim that lists a person's groups. */
  readonly groupsClaim: string;
  /** By group: the role on all environments. */
  readonly roles: readonly GroupRole[];
}

export interface GroupRole {
  readonly group: string;
  readonly role: string;
}

const ROLES_FORMAT = "GROUP=ROLE, several with commas between, for example admins=admin,ops=operator";

/**
 * Reads FAIRLEAD_OIDC_ISSUER, FAIRLEAD_OIDC_CLIENT_ID, FAIRLEAD_OIDC_CLIENT_SECRET(_FILE), FAIRLEAD_OIDC_NAME, FAIRLEAD_OIDC_SCOPES,
 * FAIRLEAD_OIDC_GROUPS_CLAIM and FAIRLEAD_OIDC_ROLES.
 *
 * @returns Undefined without an issuer.
 * @throws FairleadError config_invalid.
 */
export function loadOidcConfig(env: Environment): OidcConfig | undefined {
  const issuer = setting(env, "FAIRLEAD_OIDC_ISSUER");
  const clientId = setting(env, "FAIRLEAD_OIDC_CLIENT_ID");
  const clientSecret = secretSetting(env, "FAIRLEAD_OIDC_CLIENT_SECRET");
  if (issuer === undefined) {
    if (clientId === undefined) return undefined;
    throw invalid("FAIRLEAD_OIDC_ISSUER", undefined, "the provider's URL, since there is a client id");
  }
  if (clientId === undefined) {
    throw invalid("FAIRLEAD_OIDC_CLIENT_ID", undefined, "the id under which the provider knows this hub");
  }
  return {
    issuer: checkedIssuer(issuer),
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    name: setting(env, "FAIRLEAD_OIDC_NAME") ?? "single sign-on",
    scopes: scopes(setting(env, "FAIRLEAD_OIDC_SCOPES") ?? "openid profile email"),
    groupsClaim: setting(env, "FAIRLEAD_OIDC_GROUPS_CLAIM") ?? "groups",
    roles: groupRoles(setting(env, "FAIRLEAD_OIDC_ROLES")),
  };
}

/** https, or http on this machine: whoever can change the provider's answers signs in as anybody. */
function checkedIssuer(text: string): string {
  const url = URL.parse(text);
  const isLocal = url !== null && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLocal);
  if (!isSafe || url.search !== "" || url.hash !== "") {
    const allowed = "the provider's https URL as its discovery document has it (http on localhost only)";
    throw invalid("FAIRLEAD_OIDC_ISSUER", text, allowed);
  }
  return text;
}

function scopes(text: string): string[] {
  const named = text.split(/[\s,]+/).filter((scope) => scope !== "");
  return [...new Set(["openid", ...named])];
}

function groupRoles(text: string | undefined): GroupRole[] {
  if (text === undefined) return [];
  return text
    .split(",")
    .filter((pair) => pair.trim() !== "")
    .map((pair) => {
      // A group's name may hold an equals sign (LDAP), a role's does not.
      const at = pair.lastIndexOf("=");
      const group = pair.slice(0, Math.max(at, 0)).trim();
      const role = pair.slice(at + 1).trim();
      if (group === "" || role === "") throw invalid("FAIRLEAD_OIDC_ROLES", text, ROLES_FORMAT);
      return { group, role };
    });
}
