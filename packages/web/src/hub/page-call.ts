import { FairleadError, isErrorCode } from "@fairlead/protocol";

/**
 * A call of what only the page uses: `/api/auth`, where people sign in, one-time links, and the approval of devices. `path`: whole.
 * @throws FairleadError with the hub's code and message; hub_unreachable.
 */
export async function pageCall<T = unknown>(
  method: "GET" | "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<T> {
  const init =
    body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, { method, ...init }).catch((error: unknown) => {
    throw new FairleadError("hub_unreachable", "The hub does not answer. Check the connection and try again.", {
      cause: error,
    });
  });
  const text = await response.text();
  const answer = parse(text);
  if (response.ok) return answer as T;
  const {
    code = "",
    message = `The hub answered ${response.status}.`,
    details,
  } = (answer ?? {}) as {
    code?: string;
    message?: string;
    details?: Record<string, unknown>;
  };
  throw new FairleadError(isErrorCode(code) ? code : "internal", message, details ? { details } : {});
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
