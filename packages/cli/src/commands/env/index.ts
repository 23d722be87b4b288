import type { Command } from "commander";
import { command } from "../hub-command.ts";
import { envAdd } from "./add.ts";
import { envJoinKey } from "./join-key.ts";
import { envList } from "./list.ts";
import { envRemove } from "./remove.ts";
import { envRevokeToken } from "./revoke-token.ts";
import { envRotateToken } from "./rotate-token.ts";
import { envShow } from "./show.ts";
import { envUpdate } from "./update.ts";

/** `fairlead env …` */
export function env(): Command {
  const noun = command("env", "environments: the hosts that the hub knows", ["env list", "env add web-1"]);
  for (const verb of [envList, envAdd, envShow, envUpdate, envRemove, envJoinKey, envRotateToken, envRevokeToken]) {
    noun.addCommand(verb());
  }
  return noun;
}
