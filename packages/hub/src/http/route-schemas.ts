import { ErrorBodySchema } from "@fairlead/protocol/rest";
import Type from "typebox";

const problem = (description: string) => Type.Object(ErrorBodySchema.properties, { title: "Error", description });

/** For `response` of every route: what it answers when it fails. */
export const problems = {
  "4xx": problem("The request cannot be done as it is; `code` and `message` say why."),
  "5xx": problem("The hub, an agent or an engine failed; `code` and `message` say which and why."),
} as const;

/** For `response` of routes that answer 204. */
export const noContent = Type.Null({ description: "Done." });
