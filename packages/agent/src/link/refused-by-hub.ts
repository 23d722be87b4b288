import type { ErrorMessage } from "@fairlead/protocol";

/** The hub answered, and its answer was no. */
export class RefusedByHub extends Error {
  /** The token is unknown or revoked: only a person can change that. */
  readonly tokenRefused: boolean;
  /** The hub asked to wait this long. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { tokenRefused: boolean; retryAfterMs?: number }) {
    super(message);
    this.name = "RefusedByHub";
    this.tokenRefused = options.tokenRefused;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The no of an `error` message, in the dialect of our hubs (with a code) or of deployed ones (with a text). */
export function refusalOf({ error, code, retryAfter }: ErrorMessage): RefusedByHub {
  return new RefusedByHub(error === "" ? `the hub sent an error without a text${code ? ` (${code})` : ""}` : error, {
    tokenRefused: code === undefined ? speaksOfToken(error) : code === "token_invalid" || code === "token_revoked",
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter * 1000 }),
  });
}

/** The no of a close frame: deployed hubs close with `Token regenerated` where ours send `token_revoked` first. */
export function refusalOfClose(code: number, reason: string): RefusedByHub {
  const text = reason === "" ? "without a reason" : `saying ${JSON.stringify(reason)}`;
  return new RefusedByHub(`the hub closed the connection (${code}) ${text}`, { tokenRefused: speaksOfToken(reason) });
}

/** Deployed hubs have no codes for this, so their texts are all there is: `Invalid token`, `Token regenerated`, `Unauthorized`. */
function speaksOfToken(text: string): boolean {
  return /\b(invalid|unknown|revoked|expired|wrong|regenerated)\b.*\btoken\b|\btoken\b.*\b(invalid|unknown|revoked|expired|wrong|regenerated)\b|\bunauthori[sz]ed\b|\bauthentication failed\b/i.test(
    text,
  );
}
