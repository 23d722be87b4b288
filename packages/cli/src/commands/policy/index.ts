import type { Command } from "commander";
import { command } from "../hub-command.ts";
import { policyTest } from "./test.ts";

/** `fairlead policy …` */
export function policy(): Command {
  const examples = ["policy test /etc/fairlead/policy.yaml < requests"];
  const noun = command("policy", "policies: what a host lets hubs do", examples);
  noun.addCommand(policyTest());
  return noun;
}
