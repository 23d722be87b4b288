import { ProtocolVersion } from "@fairlead/protocol";
import type { Command } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { Output } from "../output/output.ts";
import { command } from "./hub-command.ts";

/** `fairlead version` */
export function version(): Command {
  return command("version", "print the version", ["version", "version --json"])
    .option("--json", "JSON: one document")
    .action((flags: { json?: boolean }) => {
      const { version } = manifest;
      const output = new Output(flags);
      output.document({ version, protocol: ProtocolVersion, node: process.version }, () => {
        return `fairlead ${version} (protocol ${ProtocolVersion}, Node.js ${process.version})`;
      });
    });
}
