import { FairleadError } from "@fairlead/protocol";

/** The JSON documents of an answer with one a line, as they come. @throws FairleadError engine_error when it breaks off. */
export async function* readJsonLines<T>(response: Response): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") yield JSON.parse(line) as T;
    }
    if (rest !== "") yield JSON.parse(rest) as T;
  } catch (error) {
    throw new FairleadError("hub_unreachable", "The hub's answer broke off before its end.", { cause: error });
  }
}
