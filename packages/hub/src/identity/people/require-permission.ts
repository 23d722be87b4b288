import { FairleadError, type Permission } from "@fairlead/protocol";
import { type Caller, may } from "../../access/caller.ts";

/** @throws FairleadError forbidden, naming what is missing. */
export function requirePermission(caller: Caller, permission: Permission): void {
  if (may(caller, permission)) return;
  throw new FairleadError("forbidden", `${caller.name} may not do this: it needs the permission ${permission}.`, {
    details: { permission },
  });
}
