import { type ExecQuery, ExecQuerySchema } from "@fairlead/protocol/rest";
import type { TerminalStart } from "../engine/engine-connection.ts";
import { socketQueryReader } from "../http/socket-query.ts";

const read = socketQueryReader(ExecQuerySchema, "/exec");

/**
 * What a terminal's URL asks for.
 * @throws FairleadError bad_request, naming the field.
 */
export function parseExecQuery(url: string): TerminalStart {
  return read(url) as Required<ExecQuery>;
}
