import { FairleadError } from "@fairlead/protocol";
import type { EngineClient } from "../engine/engine-client.ts";

/** What policies ask of a container that is there. */
export interface EngineContainer {
  /** In full. */
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Who its processes run as by default. */
  readonly user: string;
}

/** What a policy asks for it: an `EngineClient`. */
export type AskedEngine = Pick<EngineClient, "name" | "ownPath" | "request">;

/** An exec that was created. */
export interface EngineExec {
  readonly containerId: string;
  readonly user: string;
  readonly privileged: boolean;
}

/** The engine answers this from its memory, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** An inspection with thousands of variables and labels stays below. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

interface Json {
  readonly [name: string]: unknown;
}

/** @throws FairleadError `not_found` in the engine's words, or what kept it from answering */
export async function inspectContainer(engine: AskedEngine, reference: string): Promise<EngineContainer> {
  const answer = await ask(engine, `/containers/${encodeURIComponent(reference)}/json`);
  const config = object(answer["Config"]);
  return {
    id: requiredText(engine, answer, "Id"),
    name: text(answer["Name"]).replace(/^\//, ""),
    labels: Object.fromEntries(Object.entries(object(config["Labels"])).map(([name, value]) => [name, text(value)])),
    user: text(config["User"]),
  };
}

/** @throws as {@link inspectContainer} */
export async function inspectExec(engine: AskedEngine, id: string): Promise<EngineExec> {
  const answer = await ask(engine, `/exec/${encodeURIComponent(id)}/json`);
  const process = object(answer["ProcessConfig"]);
  return {
    containerId: requiredText(engine, answer, "ContainerID"),
    user: text(process["user"]),
    privileged: process["privileged"] === true,
  };
}

async function ask(engine: AskedEngine, path: string): Promise<Json> {
  const call = { method: "GET", path: await engine.ownPath(path) };
  const { status, body } = await engine.request(call, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES });
  const answer = parse(Buffer.from(body).toString());
  if (status === 200 && answer !== undefined) return answer;
  const message = text(answer?.["message"]) || `the engine answered ${path} with ${status}`;
  throw new FairleadError(status === 404 ? "not_found" : "engine_error", message);
}

function parse(body: string): Json | undefined {
  try {
    return object(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function requiredText(engine: AskedEngine, answer: Json, name: string): string {
  const value = text(answer[name]);
  if (value !== "") return value;
  throw new FairleadError("engine_error", `${engine.name} did not say the ${name} that the policy asked for`);
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
