import { readFileSync } from "node:fs";
import { FairleadError } from "@fairlead/protocol";

/** Variables of a process, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A `config_invalid` that names the variable, the value (never a secret one) and what is allowed. */
export function invalid(name: string, value: string | undefined, allowed: string): FairleadError {
  const shown = value === undefined ? "is not set" : `is ${JSON.stringify(value)}`;
  return new FairleadError("config_invalid", `${name} ${shown}: ${allowed}`, { details: { variable: name } });
}

/** What is allowed for a number, both ends included. */
export interface Range {
  min: number;
  max: number;
}

const TRUE = new Set(["1", "t", "true", "yes", "on"]);
const FALSE = new Set(["0", "f", "false", "no", "off"]);

/** Reads variables one by one. An empty variable is one that is not set, as compose files leave them. */
export class ConfigReader {
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  /** The value without white space around it, or undefined. */
  text(name: string): string | undefined {
    const value = this.#env[name]?.trim();
    return value === "" ? undefined : value;
  }

  /** The first of several names for one thing that is set. */
  firstOf(...names: string[]): { name: string; value: string } | undefined {
    for (const name of names) {
      const value = this.text(name);
      if (value !== undefined) return { name, value };
    }
    return undefined;
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const word = value.toLowerCase();
    if (TRUE.has(word)) return true;
    if (FALSE.has(word)) return false;
    throw invalid(name, value, "allowed are true, 1, yes, on and false, 0, no, off");
  }

  integer(name: string, fallback: number, { min, max }: Range): number {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw invalid(name, value, `allowed are whole numbers from ${min} to ${max}`);
  }

  /** A time given in seconds (`30`, `0.5`), as milliseconds. `fallback` and the range are in seconds. */
  milliseconds(name: string, fallback: number, { min, max }: Range): number {
    const value = this.text(name);
    if (value === undefined) return fallback * 1000;
    const seconds = /^\d{1,9}(\.\d{1,3})?$/.test(value) ? Number(value) : Number.NaN;
    if (seconds >= min && seconds <= max) return Math.round(seconds * 1000);
    throw invalid(name, value, `allowed are seconds from ${min} to ${max}`);
  }

  choice<T extends string>(name: string, fallback: T, allowed: readonly T[]): T {
    const value = this.text(name);
    if (value === undefined) return fallback;
    const found = allowed.find((one) => one === value.toLowerCase());
    if (found === undefined) throw invalid(name, value, `allowed are ${allowed.join(", ")}`);
    return found;
  }

  /**
   * A secret, given in `NAME` or in the file that `NAME_FILE` names (without white space around it).
   *
   * @throws FairleadError `config_invalid` when both are set, the file cannot be read or is empty, or the secret cannot stand in a header.
   */
  secret(name: string): string | undefined {
    const direct = this.text(name);
    const file = this.text(`${name}_FILE`);
    if (direct !== undefined && file !== undefined) {
      throw new FairleadError("config_invalid", `${name} and ${name}_FILE are both set: set one of them`);
    }
    const secret = file === undefined ? direct : readFile(`${name}_FILE`, file).trim();
    if (secret === undefined) return undefined;
    if (secret === "") throw invalid(`${name}_FILE`, file, "the file is empty; it must hold the secret");
    if (!/^[\x21-\x7e]+$/.test(secret)) {
      const source = file === undefined ? name : `${name}_FILE`;
      throw new FairleadError(
        "config_invalid",
        `${source} (value not shown) holds white space or characters other than printable ASCII: a token has none`,
      );
    }
    return secret;
  }

  /** PEM text from the file that the variable names; PEM text in the variable itself is taken as it is. */
  pem(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value.startsWith("-----BEGIN")) return `${value}\n`;
    const text = readFile(name, value);
    if (!text.includes("-----BEGIN ")) throw invalid(name, value, "allowed is the path of a PEM file");
    return text;
  }
}

function readFile(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw invalid(name, path, `allowed is the path of a file that can be read (${reason})`);
  }
}
