import { FairleadError } from "@fairlead/protocol";
import type { FastifySchemaCompiler } from "fastify";
import type { TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";

/** Where a checked value stands in the request, in words. */
const PART_NAMES: Record<string, string> = {
  body: "body",
  querystring: "query",
  params: "path",
  headers: "headers",
};

/** Longest wrong value that a message repeats. */
const SHOWN_VALUE_LENGTH = 100;

/**
 * Checks requests with TypeBox. Query and path are texts and converted to what the schema wants; a JSON body is taken as it
 * is: a number where a text belongs is an error, not a text. An absent body counts as an empty object.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema);
  const isBody = httpPart === "body";
  return (received: unknown) => {
    const given = isBody ? (received ?? {}) : Value.Convert(schema, received);
    const value = Value.Default(schema, given);
    if (check.Check(value)) return { value };
    return { error: validationError(check.Errors(value), value, PART_NAMES[httpPart ?? ""] ?? "request") };
  };
};

interface Problem {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

/** One problem is enough, told so that a person can mend it: the one deepest in the value, since it is the most exact. */
function validationError(problems: readonly Problem[], value: unknown, part: string): FairleadError {
  const [first] = problems
    .map((problem) => describe(problem, problems))
    .toSorted((a, b) => b.path.length - a.path.length);
  const path = first?.path ?? [];
  const field = path.join(".");
  const what = field === "" ? `The ${part}` : `The field ${field} of the ${part}`;
  const shown = first?.hidesValue === true ? "" : showValue(valueAt(value, path));
  return new FairleadError("bad_request", `${what} ${first?.words ?? "is wrong"}${shown}.`, {
    details: { field: field === "" ? part : field },
  });
}

interface Described {
  readonly path: readonly string[];
  readonly words: string;
  readonly hidesValue?: boolean;
}

function describe(problem: Problem, all: readonly Problem[]): Described {
  const path = problem.instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const params = problem.params as Record<string, unknown>;
  switch (problem.keyword) {
    case "required":
      return { path: [...path, first(params["requiredProperties"])], words: "is missing", hidesValue: true };
    case "additionalProperties":
      return { path, words: "has a field that is not allowed" };
    case "boolean":
      return { path, words: "is not a field that is known here", hidesValue: true };
    case "const": {
      const allowed = all
        .filter((other) => other.keyword === "const" && other.instancePath === problem.instancePath)
        .map((other) => JSON.stringify((other.params as Record<string, unknown>)["allowedValue"]));
      return { path, words: `must be ${allowed.length > 1 ? "one of " : ""}${allowed.join(", ")}` };
    }
    default:
      return { path, words: problem.message };
  }
}

function first(list: unknown): string {
  return Array.isArray(list) ? String(list[0]) : "";
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let at: unknown = value;
  for (const step of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Record<string, unknown>)[step];
  }
  return at;
}

/** Only plain short values: an object could hold a secret, and so could a long text. */
function showValue(value: unknown): string {
  if (typeof value === "object" || value === undefined) return "";
  const text = JSON.stringify(value);
  return text.length > SHOWN_VALUE_LENGTH ? "" : `, not ${text}`;
}
