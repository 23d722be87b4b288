import { readFileSync } from "node:fs";
import { FairleadError } from "@fairlead/protocol";

/** Variables that settings are read from. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A value with the name of the variable or flag that gave it. */
export interface Named {
  readonly name: string;
  readonly value: string;
}

/** An empty variable counts as not set, as compose files have it. */
export function setting(env: Environment, variable: string): string | undefined {
  return env[variable] || undefined;
}

/** From the variable, or from the file that `VARIABLE_FILE` names. @throws FairleadError config_invalid. */
export function secretSetting(env: Environment, variable: string): string | undefined {
  const file = setting(env, `${variable}_FILE`);
  const secret =
    setting(env, variable) ??
    (file === undefined ? undefined : readFile({ name: `${variable}_FILE`, value: file }).trim());
  if (secret === "") throw invalid(`${variable}_FILE`, file, "a file with a token in it; this one is empty");
  return secret;
}

/** @throws FairleadError config_invalid. */
export function readFile({ name, value }: Named): string {
  try {
    return readFileSync(value, "utf8");
  } catch (error) {
    throw invalid(name, value, `a readable file (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** A setting that is wrong: its name, its value, and what is allowed. */
export function invalid(name: string, value: string | undefined, allowed: string): FairleadError {
  const what = value === undefined ? `${name} is not set` : `${name} is ${JSON.stringify(value)}`;
  return new FairleadError("config_invalid", `${what}. Allowed: ${allowed}.`, { details: { setting: name } });
}
