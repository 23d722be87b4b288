import { classifyDockerCall, type EnvironmentPermission } from "@fairlead/protocol";
import { type Caller, mayEverything } from "../access/caller.ts";
import { demand } from "../access/service.ts";
import type { EnvironmentRecord } from "../environments/record.ts";

/**
 * The permission that a Docker call needs. What the table of Docker's API does not know, or what is spelled so that an engine
 * might read it otherwise, needs `engine.other`.
 *
 * @throws FairleadError forbidden when the caller has it not.
 */
export function admitDockerCall(
  caller: Caller,
  environment: EnvironmentRecord,
  method: string,
  path: string,
): EnvironmentPermission {
  // Nothing to look up: this is every call of whoever has all rights.
  if (mayEverything(caller)) return "engine.other";
  const permission = classifyDockerCall(method, path)?.endpoint.permission ?? "engine.other";
  demand(caller, permission, environment);
  return permission;
}
