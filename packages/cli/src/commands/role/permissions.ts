import { PERMISSIONS } from "@fairlead/protocol";
import type { Command } from "commander";
import { Output } from "../../output/output.ts";
import { command } from "../hub-command.ts";

/** `fairlead role permissions` */
export function rolePermissions(): Command {
  return command("permissions", "list the permissions that roles are made of", ["role permissions"])
    .option("--json", "JSON: one a line")
    .action((flags: { json?: boolean }) => {
      const items = Object.entries(PERMISSIONS).map(([permission, allows]) => ({ permission, allows }));
      new Output(flags).list(items, [
        { title: "PERMISSION", value: ({ permission }) => permission },
        { title: "ALLOWS TO", value: ({ allows }) => allows },
      ]);
    });
}
