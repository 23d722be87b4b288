import { FairleadError } from "@fairlead/protocol";
import type { DialTls } from "@fairlead/protocol/rest";
import { type Command, Option } from "commander";
import { readFile } from "node:fs/promises";
import { UsageError } from "../../errors.ts";

/** Options of `env add` and `env update` about how the hub reaches the host. */
export interface DialFlags {
  address?: string;
  token?: string;
  tokenFile?: string;
  label?: string[];
  caCert?: string;
  clientCert?: string;
  clientKey?: string;
  serverName?: string;
  tlsSkipVerify?: boolean;
}

/** @param token The option of that name; what it means is up to the command. */
export function addDialOptions(
  command: Command,
  token = new Option(
    "--token <secret>",
    "standard: token of the listening agent (visible to other users: better --token-file)",
  ),
): Command {
  return command
    .option(
      "--address <address>",
      "standard: http(s)://host:port, direct: tcp://host:port, socket: /path of the socket",
    )
    .addOption(token)
    .option("--token-file <path>", "standard: file with that token, - for standard input")
    .option("--label <name=value...>", "labels")
    .option("--ca-cert <path>", "PEM file of certificates to trust when dialling")
    .option("--client-cert <path>", "PEM file of the client certificate")
    .option("--client-key <path>", "PEM file of the client key")
    .option("--server-name <name>", "name to verify instead of the address's")
    .option("--tls-skip-verify", "accept any certificate");
}

/** @throws FairleadError config_invalid when a file cannot be read. */
export async function readDialFlags(
  flags: DialFlags,
): Promise<{ address?: string; token?: string; tls?: DialTls; labels?: Record<string, string> }> {
  const tls: DialTls = {
    ...(flags.caCert === undefined ? {} : { caCert: await readOption("--ca-cert", flags.caCert) }),
    ...(flags.clientCert === undefined ? {} : { clientCert: await readOption("--client-cert", flags.clientCert) }),
    ...(flags.clientKey === undefined ? {} : { clientKey: await readOption("--client-key", flags.clientKey) }),
    ...(flags.serverName === undefined ? {} : { serverName: flags.serverName }),
    ...(flags.tlsSkipVerify === undefined ? {} : { skipVerify: flags.tlsSkipVerify }),
  };
  const token =
    flags.tokenFile === undefined ? flags.token : (await readOption("--token-file", flags.tokenFile)).trim();
  return {
    ...(flags.address === undefined ? {} : { address: flags.address }),
    ...(token === undefined ? {} : { token }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
    ...(flags.label === undefined ? {} : { labels: Object.fromEntries(parseLabels(flags.label)) }),
  };
}

/** @throws UsageError when one is not `name=value`. */
export function parseLabels(texts: readonly string[]): [name: string, value: string][] {
  return texts.map((text) => {
    const equals = text.indexOf("=");
    if (equals < 1) throw new UsageError(`--label '${text}' must be name=value`);
    return [text.slice(0, equals), text.slice(equals + 1)];
  });
}

async function readOption(option: string, path: string): Promise<string> {
  try {
    return await readFile(path === "-" ? "/dev/stdin" : path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new FairleadError("config_invalid", `${option}: cannot read '${path}' (${reason})`);
  }
}
