import type { DialTls, Environment, EnvironmentKind, UpdateEnvironment } from "@fairlead/protocol/rest";

/** How the hub reaches a host, as it is typed. Secrets that the hub keeps are not told, so an empty one means: as it is. */
export interface DialInput {
  readonly address: string;
  readonly token: string;
  readonly caCert: string;
  readonly clientCert: string;
  readonly clientKey: string;
  readonly serverName: string;
  readonly skipVerify: boolean;
}

export const EMPTY_DIAL: DialInput = {
  address: "",
  token: "",
  caCert: "",
  clientCert: "",
  clientKey: "",
  serverName: "",
  skipVerify: false,
};

/** Which of them a kind has. */
export const HAS_TOKEN: ReadonlySet<EnvironmentKind> = new Set(["standard"]);
export const HAS_TLS: ReadonlySet<EnvironmentKind> = new Set(["standard", "direct"]);

export function dialInputOf({ address, tls }: Pick<Environment, "address" | "tls">): DialInput {
  return {
    ...EMPTY_DIAL,
    address: address ?? "",
    caCert: tls?.caCert ?? "",
    clientCert: tls?.clientCert ?? "",
    serverName: tls?.serverName ?? "",
    skipVerify: tls?.skipVerify ?? false,
  };
}

/** For a new environment: what was filled in. */
export function dialFields(
  kind: EnvironmentKind,
  input: DialInput,
): { readonly address?: string; readonly token?: string; readonly tls?: DialTls } {
  if (kind === "edge") return {};
  const tls = HAS_TLS.has(kind) ? tlsOf(input) : undefined;
  return {
    ...(input.address.trim() === "" ? {} : { address: input.address.trim() }),
    ...(HAS_TOKEN.has(kind) && input.token !== "" ? { token: input.token.trim() } : {}),
    ...(tls && { tls }),
  };
}

/** For one that is there: what is another than before. */
export function dialChanges(
  environment: Pick<Environment, "kind" | "address" | "tls">,
  input: DialInput,
  removeToken: boolean,
): Pick<UpdateEnvironment, "address" | "token" | "tls"> {
  const { kind } = environment;
  if (kind === "edge") return {};
  const before = dialInputOf(environment);
  const token = removeToken ? "" : input.token.trim() || undefined;
  const tlsFields = ["caCert", "clientCert", "clientKey", "serverName", "skipVerify"] as const;
  const isOther = HAS_TLS.has(kind) && tlsFields.some((field) => input[field] !== before[field]);
  return {
    ...(input.address.trim() === before.address ? {} : { address: input.address.trim() }),
    ...(HAS_TOKEN.has(kind) && token !== undefined ? { token } : {}),
    ...(isOther ? { tls: tlsOf(input) ?? null } : {}),
  };
}

/** Undefined: none of it was filled in. */
function tlsOf({ caCert, clientCert, clientKey, serverName, skipVerify }: DialInput): DialTls | undefined {
  const tls: DialTls = {
    ...(caCert.trim() === "" ? {} : { caCert }),
    ...(clientCert.trim() === "" ? {} : { clientCert }),
    ...(clientKey.trim() === "" ? {} : { clientKey }),
    ...(serverName.trim() === "" ? {} : { serverName: serverName.trim() }),
    ...(skipVerify ? { skipVerify } : {}),
  };
  return Object.keys(tls).length === 0 ? undefined : tls;
}
