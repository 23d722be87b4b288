import type { Command } from "commander";
import { command } from "../hub-command.ts";
import { tokenCreate } from "./create.ts";
import { tokenList } from "./list.ts";
import { tokenRevoke } from "./revoke.ts";

/** `fairlead token …` */
export function token(): Command {
  const noun = command("token", "API tokens: what people and programs show to the hub", ["token create ci"]);
  for (const verb of [tokenList, tokenCreate, tokenRevoke]) noun.addCommand(verb());
  return noun;
}
