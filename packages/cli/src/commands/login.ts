import { FairleadClient } from "@fairlead/api-client";
import { FairleadError, isFairleadError } from "@fairlead/protocol";
import type { Command } from "commander";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { UsageError } from "../errors.ts";
import { Output } from "../output/output.ts";
import { normalizeHubUrl } from "../settings/hub-settings.ts";
import { loginPath, storeLogin } from "../settings/login-config.ts";
import { trustCertificates } from "../settings/trusted-certificates.ts";
import { deviceLogin } from "../terminal/device-login.ts";
import { command } from "./hub-command.ts";

interface Flags {
  token?: string;
  paste?: boolean;
  browser?: boolean;
  json?: boolean;
}

/** `fairlead login URL` */
export function login(): Command {
  return command("login", "sign in to a hub, and use that hub from now on", [
    "login https://hub.example",
    "login https://hub.example --paste",
    "login http://127.0.0.1:8375 < token-file",
  ])
    .argument("<url>", "the hub's URL")
    .option("--token <secret>", "the API token (visible to other users: better pasted, or on standard input)")
    .option("--paste", "paste an API token instead of signing in with the browser")
    .option("--browser", "sign in with the browser, also where there is no terminal")
    .option("--json", "JSON: one document")
    .action(async (text: string, flags: Flags) => {
      trustCertificates(process.env);
      const output = new Output(flags);
      const url = normalizeHubUrl(text, "URL");
      const token = (flags.token ?? (await obtainToken(url, flags, output))).trim();
      if (token === "") throw new UsageError("No token was given; paste one, or use --token, or standard input");
      const client = new FairleadClient({ url, token });
      const { version } = await verify(client, url);
      await storeLogin(process.env, url, token);
      const path = loginPath(process.env);
      output.document(
        { url, version, config: path },
        () => `Logged in to ${url} (Fairlead ${version}); kept in ${path}.`,
      );
    });
}

/** @throws FairleadError unauthenticated with what to do, or what keeps us from the hub. */
async function verify(client: FairleadClient, url: string): Promise<{ version: string }> {
  try {
    const { version } = await client.info();
    await client.listEnvironments();
    return { version };
  } catch (error) {
    if (!isFairleadError(error, "unauthenticated")) throw error;
    const message = `${url} does not accept this token: it is unknown, expired or revoked; make one with 'fairlead token create NAME'`;
    throw new FairleadError("unauthenticated", message, { cause: error });
  }
}

/** From a person in the browser, unless the token comes on standard input or is to be pasted. */
async function obtainToken(url: string, flags: Flags, output: Output): Promise<string> {
  if (flags.browser) return await deviceLogin(url, output);
  if (!process.stdin.isTTY) return await text(process.stdin);
  return flags.paste ? await askToken(url) : await deviceLogin(url, output);
}

/** Pasted without showing it. */
async function askToken(url: string): Promise<string> {
  process.stderr.write(`API token for ${url}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  reader.once("SIGINT", () => reject(new FairleadError("cancelled", "Nothing was kept")));
  try {
    return await Promise.race([reader.question(""), interrupted]);
  } finally {
    reader.close();
    process.stderr.write("\n");
  }
}
