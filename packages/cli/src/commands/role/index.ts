import type { Command } from "commander";
import { command } from "../hub-command.ts";
import { roleCreate } from "./create.ts";
import { roleList } from "./list.ts";
import { rolePermissions } from "./permissions.ts";
import { roleRemove } from "./remove.ts";
import { roleUpdate } from "./update.ts";

/** `fairlead role …` */
export function role(): Command {
  const noun = command("role", "roles: named sets of permissions", ["role list", "role permissions"]);
  for (const verb of [roleList, rolePermissions, roleCreate, roleUpdate, roleRemove]) noun.addCommand(verb());
  return noun;
}
