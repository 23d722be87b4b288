import type { CreateBody } from "./create-body.ts";

/** A create body from its text. @throws Error that says where it is none. */
export function parseBody(text: string): CreateBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`This is no JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  if (!isObject(value)) throw new Error("The body of the create call is an object: { … }.");
  if (typeof value["Image"] !== "string" || value["Image"] === "")
    throw new Error('"Image" is missing: a container needs one.');
  const { HostConfig = {}, NetworkingConfig } = value;
  if (!isObject(HostConfig)) throw new Error('"HostConfig" must be an object.');
  if (
    NetworkingConfig !== undefined &&
    !(isObject(NetworkingConfig) && isObject(NetworkingConfig["EndpointsConfig"] ?? {}))
  )
    throw new Error('"NetworkingConfig" must be an object with "EndpointsConfig".');
  return { ...value, HostConfig } as unknown as CreateBody;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
