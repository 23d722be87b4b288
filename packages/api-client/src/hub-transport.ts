import { type ErrorCode, FairleadError, isErrorCode } from "@fairlead/protocol";

/** What a call needs: the hub's origin, the token, and a `fetch`. */
export interface HubTransportOptions {
  readonly url: string;
  readonly token: string | undefined;
  readonly fetch: typeof globalThis.fetch;
}

export interface CallInit {
  method?: string;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, in place of `json`, such as the tar archive of an upload. */
  body?: NonNullable<RequestInit["body"]>;
  /** What `body` is. Default: what the body itself says, as a Blob with a type does. */
  contentType?: string;
  headers?: Record<string, string>;
  query?: Query;
  signal?: AbortSignal;
}

/** Values of a query string; what is undefined is left out, a list is joined by commas. */
export type Query = Record<string, string | number | boolean | readonly (string | number)[] | undefined>;

/** An error answer is at most this long when shown: what is longer is not ours, but a proxy's page. */
const MAX_ERROR_TEXT = 200;

/** Calls of the REST API over `fetch`: URLs, the token, JSON, and errors as `FairleadError`. */
export class HubTransport {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
  readonly #fetch: typeof globalThis.fetch;

  constructor(options: HubTransportOptions) {
    this.url = options.url.replace(/\/+$/, "");
    this.token = options.token;
    this.#fetch = options.fetch;
  }

  /** Absolute URL of a path with its query. */
  resolve(path: string, query: Query = {}): URL {
    const url = new URL(this.url + path);
    for (const [name, value] of Object.entries(query)) {
      if (value === undefined) continue;
      const text = Array.isArray(value) ? value.join(",") : String(value);
      if (text !== "") url.searchParams.set(name, text);
    }
    return url;
  }

  /** As {@link resolve}, of a WebSocket (`ws:` or `wss:`). */
  resolveSocket(path: string, query: Query = {}): URL {
    const url = this.resolve(path, query);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return url;
  }

  /**
   * The answer as it comes, whatever its status.
   * @throws FairleadError hub_unreachable, or cancelled when the signal was aborted.
   */
  async open(path: string, init: CallInit = {}): Promise<Response> {
    const url = this.resolve(path, init.query);
    const headers: Record<string, string> = { ...init.headers };
    if (this.token !== undefined) headers["authorization"] = `Bearer ${this.token}`;
    if (init.json !== undefined) headers["content-type"] = "application/json";
    else if (init.contentType !== undefined) headers["content-type"] = init.contentType;
    const body = init.json === undefined ? init.body : JSON.stringify(init.json);
    try {
      return await this.#fetch(url, {
        method: init.method ?? "GET",
        headers,
        ...(body === undefined ? {} : { body }),
        ...(init.signal === undefined ? {} : { signal: init.signal }),
      });
    } catch (error) {
      throw this.#failure(error, init.signal);
    }
  }

  /** As {@link open}; an answer that is not 2xx is thrown. */
  async openOk(path: string, init: CallInit = {}): Promise<Response> {
    const response = await this.open(path, init);
    if (!response.ok) throw await this.errorOf(response);
    return response;
  }

  /** The JSON document of an answer; `undefined` of an empty one. */
  async json<T>(path: string, init: CallInit = {}): Promise<T> {
    const response = await this.openOk(path, { ...init, headers: { accept: "application/json", ...init.headers } });
    if (response.status === 204) return undefined as T;
    let text: string;
    try {
      text = await response.text();
    } catch (error) {
      throw this.#failure(error, init.signal);
    }
    if (text === "") return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new FairleadError("hub_unreachable", `${this.url} answers, but not as a Fairlead hub; check the URL`);
    }
  }

  /** What an error answer says, as the server's code and message; a Docker-style or foreign body keeps its text. */
  async errorOf(response: Response): Promise<FairleadError> {
    const text = await response.text().catch(() => "");
    const body = parseObject(text);
    const message = typeof body?.["message"] === "string" ? body["message"] : undefined;
    const code = typeof body?.["code"] === "string" && isErrorCode(body["code"]) ? body["code"] : undefined;
    const details = body?.["details"];
    if (message !== undefined) {
      const hasDetails = details !== null && typeof details === "object";
      const options = hasDetails ? { details: details as Record<string, unknown> } : {};
      return new FairleadError(code ?? codeOfStatus(response.status), message, options);
    }
    const excerpt = text.trim().slice(0, MAX_ERROR_TEXT);
    const words = `HTTP ${response.status}${excerpt === "" || excerpt.startsWith("<") ? "" : `: ${excerpt}`}`;
    return new FairleadError(codeOfStatus(response.status), `${this.url} answered ${words}; is this a Fairlead hub?`);
  }

  #failure(error: unknown, signal: AbortSignal | undefined): FairleadError {
    if (signal?.aborted) return new FairleadError("cancelled", "The call was cancelled", { cause: error });
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    const message = `Cannot reach the hub at ${this.url}: ${describe(cause)}`;
    return new FairleadError("hub_unreachable", message, { cause });
  }
}

/** `ECONNREFUSED 127.0.0.1:1` has its reason in a list when several addresses were tried. */
function describe(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describe(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  // Node's own advice about certificates is for its command line, not ours.
  return error.message.replace(/; if the root CA is installed locally.*$/, "") || error.name;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** For answers without a code of ours: an engine's own error, or that of a proxy before the hub. */
function codeOfStatus(status: number): ErrorCode {
  const codes: Record<number, ErrorCode> = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "payload_too_large",
    429: "rate_limited",
    501: "needs_streams",
    502: "agent_disconnected",
    503: "engine_unreachable",
    504: "agent_timeout",
  };
  return codes[status] ?? (status < 500 ? "bad_request" : "engine_error");
}
