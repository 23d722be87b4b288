import { FairleadError } from "../errors.ts";

/**
 * The parameters of a target, decoded as Go does. Engines take the first of several with one name, or all of them.
 * @throws FairleadError `bad_request` where readers disagree: a semicolon, or wrong percent-encoding
 */
export function readDockerQuery(target: string): ReadonlyMap<string, readonly string[]> {
  const at = target.indexOf("?");
  const parameters = new Map<string, string[]>();
  if (at === -1) return parameters;
  for (const part of target.slice(at + 1).split("&")) {
    if (part === "") continue;
    if (part.includes(";")) throw new FairleadError("bad_request", "the query cannot be checked: it has a semicolon");
    const equals = part.indexOf("=");
    const name = decoded(equals === -1 ? part : part.slice(0, equals));
    const value = equals === -1 ? "" : decoded(part.slice(equals + 1));
    const values = parameters.get(name);
    if (values) values.push(value);
    else parameters.set(name, [value]);
  }
  return parameters;
}

/**
 * True for content types that make an engine take parameters from the body, before those of the query. No client of the Docker API sends
 * them; who checks a query refuses them.
 */
export function isFormContentType(contentType: string): boolean {
  return /x-www-form-urlencoded|multipart/i.test(contentType);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw new FairleadError("bad_request", "the query cannot be checked: its percent-encoding is wrong");
  }
}
