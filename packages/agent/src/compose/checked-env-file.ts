import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { refused } from "../policy/policy.ts";
import { isForbiddenVariable } from "./compose-environment.ts";

/**
 * More variables that make what compose starts (credential helpers above all, and buildx) read other files or run other programs. Refused
 * only under a policy.
 */
const FORBIDDEN_UNDER_POLICY =
  /^(EXPERIMENTAL_BUILDKIT_.*|AWS_(CONFIG_FILE|SHARED_CREDENTIALS_FILE)|CLOUDSDK_.*|KUBECONFIG|GNUPGHOME|PASSWORD_STORE_.*|PYTHON(PATH|HOME|STARTUP)|PERL5(LIB|OPT|DB)|PERLLIB|GCONV_PATH|GLIBC_TUNABLES)$/;

/** What may stand before a value that is not quoted: other blanks and control characters are skipped by some readers only. */
const ODD_BEGINNING = /^(?!\n)[\s\u0000-\u001f\u007f-\u00a0]/;

/** What can be a name at the beginning of a line, wherever a value's quotes end. Some versions take `export` without a blank too. */
const MAYBE_NAME = /^\s*(?:export\s*)?([\w.-]+)\s*(?:[=:]|$)/gm;

/** Where there is a policy: the files of one operation that compose is given in place of its usual ones. */
export interface PrivateFiles {
  /** For compose's command line. */
  readonly args: readonly string[];
  /** They stand in the process's environment, which wins over every file. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Checks the variables of an operation, and writes those of the project's `.env` to a file of our own. Compose up to 2.39 takes all of `.env`
 * into its own environment: it could be sent past the policy's socket with it. It is never to read the project's own file, which may have
 * changed meanwhile.
 *
 * @param dotEnv content of the project's `.env`; undefined: there is none
 * @param folder only this user can enter it
 * @throws FairleadError `policy_refused`
 */
export async function privateFiles(
  policy: string,
  operation: string,
  envVars: Iterable<string>,
  dotEnv: Uint8Array | undefined,
  folder: string,
): Promise<PrivateFiles> {
  for (const name of envVars) {
    if (FORBIDDEN_UNDER_POLICY.test(name)) throw refusedVariable(policy, operation, `envVars.${name}`);
  }
  const file = join(folder, "project.env");
  const buildx = join(folder, "buildx");
  await writeFile(file, checkEnvFile(policy, operation, dotEnv ?? new Uint8Array(0)), { mode: 0o600, flag: "wx" });
  await mkdir(buildx, { mode: 0o700 });
  return {
    args: ["--env-file", file],
    env: {
      BUILDX_CONFIG: buildx,
      BUILDX_BUILDER: "default",
      // Set, even to nothing, they are not taken from files.
      LD_PRELOAD: "",
      LD_LIBRARY_PATH: "",
      DOCKER_CONTEXT: "",
    },
  };
}

/**
 * The variables of a `.env`, written anew one after the other, without comments. Whatever two versions of compose could read differently is
 * refused.
 *
 * @throws FairleadError `policy_refused` naming the variable
 */
export function checkEnvFile(policy: string, operation: string, bytes: Uint8Array): string {
  const text = decode(bytes)?.replaceAll("\r\n", "\n");
  const unclear = (line: number, why: string): Error =>
    refused(policy, `compose ${operation}`, `line ${line} of .env ${why}`, "compose: .env");
  if (text === undefined || /[\0\r]/.test(text)) throw unclear(1, "or another has bytes that are no text");
  let written = "";
  let at = 0;
  while (at < text.length) {
    const line = (): number => text.slice(0, at).split("\n").length;
    const statement = /[ \t]*(?:(?:#[^\n]*)?(?:\n|$)|(?:export[ \t]+)?([\w.-]+)[ \t]*(?:([=:])[ \t]*|(?=\n|$)))/y;
    statement.lastIndex = at;
    const found = statement.exec(text);
    if (found === null) throw unclear(line(), "is not NAME=VALUE");
    const [whole, name, separator] = found;
    let end = at + whole.length;
    if (name !== undefined && separator === undefined) {
      written += `${name}\n`;
    } else if (name !== undefined) {
      const quote = text[end];
      const start = end;
      if (quote === '"' || quote === "'") {
        end = closingQuote(text, start);
        if (end === 0) throw unclear(line(), `has a value of ${name} whose end is not clear`);
        written += `${name}=${text.slice(start, end)}\n`;
        // The next variable could follow on the same line.
        const rest = /[ \t]*(?:#[^\n]*)?(?=\n|$)/y;
        rest.lastIndex = end;
        if (!rest.test(text)) throw unclear(line(), `has more behind the value of ${name}`);
        end = rest.lastIndex;
      } else {
        const newline = text.indexOf("\n", start);
        end = newline === -1 ? text.length : newline;
        const value = text.slice(start, end);
        if (ODD_BEGINNING.test(value)) throw unclear(line(), `has an odd blank before the value of ${name}`);
        written += `${name}=${value}\n`;
      }
    }
    at = Math.max(end, at + 1);
  }
  // Each line, those within quotes too.
  for (const [, name = ""] of written.matchAll(MAYBE_NAME)) {
    if (isForbidden(name)) throw refusedVariable(policy, operation, `${name} in .env`);
  }
  return written;
}

/** Index behind the closing quote; 0: there is none, or readers differ on which it is. */
function closingQuote(text: string, start: number): number {
  const quote = text[start] ?? "";
  for (let end = text.indexOf(quote, start + 1); end !== -1; end = text.indexOf(quote, end + 1)) {
    if (end === start + 1 || text[end - 1] !== "\\") return end + 1;
    if (quote === "'" || text[end - 2] === "\\") return 0;
  }
  return 0;
}

function isForbidden(name: string): boolean {
  // `exportPATH=` sets PATH in some versions: both are looked at.
  return [name, name.replace(/^export/, "")].some(
    (spelling) => isForbiddenVariable(spelling) || FORBIDDEN_UNDER_POLICY.test(spelling),
  );
}

function refusedVariable(policy: string, operation: string, what: string): Error {
  const why = `${what} would redirect compose or make it run something else`;
  return refused(policy, `compose ${operation}`, why, "compose: variables");
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    // Leaves a byte order mark out, as compose does.
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
