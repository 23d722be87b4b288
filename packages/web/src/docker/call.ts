import { readJsonStream } from "./json-stream.ts";
import { hub } from "../hub/client.ts";

type CallInit = Parameters<typeof hub.docker>[2];

/** The version whose shapes this page reads; engines from 20.10 on speak it, and what is newer is asked for by name. */
const VERSION = "v1.41";

/** A call of a host's Docker Engine API. `path`: `/containers/json?all=1`. @throws FairleadError with the engine's message. */
export async function dockerCall(environment: number | string, path: string, init: CallInit = {}): Promise<Response> {
  return hub.docker(environment, `/${VERSION}${path}`, init);
}

/** The JSON of its answer; undefined of an empty one. */
export async function dockerJson<T>(environment: number | string, path: string, init: CallInit = {}): Promise<T> {
  const response = await dockerCall(environment, path, init);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

/** An answer that goes on, such as a pull's progress: its JSON documents as they come. */
export async function* dockerStream<T>(
  environment: number | string,
  path: string,
  init: CallInit = {},
): AsyncGenerator<T> {
  yield* readJsonStream<T>(await dockerCall(environment, path, init));
}
