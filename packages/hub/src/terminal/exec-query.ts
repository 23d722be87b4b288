import { FairleadError } from "@fairlead/protocol";
import { type ExecQuery, ExecQuerySchema } from "@fairlead/protocol/rest";
import type { TerminalStart } from "../engine/engine-connection.ts";
import { validatorCompiler } from "../http/validation.ts";

const check = validatorCompiler({ schema: ExecQuerySchema, method: "GET", url: "/exec", httpPart: "querystring" });

/**
 * What a terminal's URL asks for.
 * @throws FairleadError bad_request, naming the field.
 */
export function parseExecQuery(url: string): TerminalStart {
  const at = url.indexOf("?");
  const parameters = new URLSearchParams(at === -1 ? "" : url.slice(at + 1));
  for (const name of new Set(parameters.keys())) {
    // The audit log and the terminal must not read different ones.
    if (parameters.getAll(name).length > 1) {
      throw new FairleadError("bad_request", `${name} is there more than once.`, { details: { field: name } });
    }
  }
  const query = Object.fromEntries(parameters);
  // It has done its work, and no message may repeat it.
  delete query["access_token"];
  const result = check(query) as { value?: Required<ExecQuery>; error?: Error };
  if (result.error) throw result.error;
  if (result.value) return result.value;
  throw new FairleadError("internal", "The query's check gave neither a value nor an error.");
}
