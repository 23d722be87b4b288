import { readFile, stat } from "node:fs/promises";
import { FairleadError } from "@fairlead/protocol";
import type { Policy } from "./policy.ts";
import { PresetPolicy } from "./preset-policy.ts";

/** A policy is some dozens of lines. */
const MAX_POLICY_BYTES = 1024 * 1024;

/**
 * The policy that a value of `POLICY` names.
 * @param value `no-exec`, `read-only`, or the absolute path of a file
 * @throws FairleadError `config_invalid` when the file cannot be read or is no policy
 */
export async function loadPolicy(value: string): Promise<Policy> {
  if (value === "no-exec" || value === "read-only") return new PresetPolicy(value);
  const text = await readPolicyFile(value);
  // What reads YAML is in memory only where there is some.
  const [{ readPolicyRules }, { FilePolicy }] = await Promise.all([
    import("./read-policy-rules.ts"),
    import("./file-policy.ts"),
  ]);
  return new FilePolicy(readPolicyRules(value, text));
}

async function readPolicyFile(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_POLICY_BYTES) throw new Error(`it is over ${MAX_POLICY_BYTES} bytes`);
    return await readFile(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new FairleadError("config_invalid", `the policy file ${path} cannot be read (${reason})`, {
      details: { variable: "POLICY" },
    });
  }
}
