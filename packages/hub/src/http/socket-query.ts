import { FairleadError } from "@fairlead/protocol";
import type { Static, TSchema } from "typebox";
import { validatorCompiler } from "./validation.ts";

/** Reads the query of a WebSocket's URL, with its defaults. @throws FairleadError bad_request, naming the field. */
export type SocketQueryReader<Schema extends TSchema> = (url: string) => Static<Schema>;

/** Makes the reader of one WebSocket's query. Its `access_token` was read before, and is in no result and no message. */
export function socketQueryReader<Schema extends TSchema>(schema: Schema, url: string): SocketQueryReader<Schema> {
  const check = validatorCompiler({ schema, method: "GET", url, httpPart: "querystring" });
  return (given) => {
    const result = check(parametersOf(given)) as { value?: Static<Schema>; error?: Error };
    if (result.error) throw result.error;
    if (result.value !== undefined) return result.value;
    throw new FairleadError("internal", "The query's check gave neither a value nor an error.");
  };
}

function parametersOf(url: string): Record<string, string> {
  const at = url.indexOf("?");
  const parameters = new URLSearchParams(at === -1 ? "" : url.slice(at + 1));
  for (const name of new Set(parameters.keys())) {
    // The audit log and the socket must not read different ones.
    if (parameters.getAll(name).length > 1) {
      throw new FairleadError("bad_request", `${name} is there more than once.`, { details: { field: name } });
    }
  }
  const query = Object.fromEntries(parameters);
  // It has done its work, and no message may repeat it.
  delete query["access_token"];
  return query;
}
