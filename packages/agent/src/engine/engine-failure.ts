import { FairleadError, isFairleadError } from "@fairlead/protocol";

/**
 * What went wrong with a call, as one of our errors.
 * @param engine Its name for the message.
 * @param stage How far the call had come.
 */
export function engineFailure(error: unknown, engine: string, stage: "head" | "body"): FairleadError {
  const cause = error as NodeJS.ErrnoException;
  if (isFairleadError(cause)) return cause;
  if (stage === "body") {
    return new FairleadError("engine_error", `the answer of ${engine} broke off: ${cause.message}`, {
      details: { stage },
      cause,
    });
  }
  if (isConnectFailure(cause)) {
    return new FairleadError(
      "engine_unreachable",
      `Cannot connect to the Docker Engine at ${engine} (${cause.code ?? cause.message}). Is it running?`,
      { cause },
    );
  }
  return new FairleadError(
    "engine_error",
    `${engine} closed the connection or did not answer in HTTP: ${cause.message}`,
    {
      cause,
    },
  );
}

/** Nothing was sent yet: no socket, nobody listening, no name, or a TLS handshake that failed. */
function isConnectFailure(error: NodeJS.ErrnoException): boolean {
  if (error.syscall === "connect" || error.syscall === "getaddrinfo") return true;
  const code = error.code ?? "";
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code);
}
