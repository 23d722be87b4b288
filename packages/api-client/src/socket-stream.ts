export interface SocketOptions {
  /** Silence after which the connection is taken for dead. */
  readonly silenceMs: number;
  readonly onOpen: () => void;
  readonly signal: AbortSignal | undefined;
}

/** Characters that may wait for a slow reader, some seconds of a busy hub: who is slower resumes by id. */
const MAX_WAITING_CHARACTERS = 16 * 1024 * 1024;

/**
 * Text messages of a WebSocket, until it closes.
 *
 * @throws Error when it never opened, broke or was silent, RangeError when its reader is too slow.
 */
export async function* readSocket(url: URL, options: SocketOptions): AsyncGenerator<string> {
  const socket = new WebSocket(url);
  const waiting: string[] = [];
  let waitingCharacters = 0;
  let failure: Error | undefined;
  let closed = false;
  let wake = (): void => {};
  const end = (error?: Error): void => {
    failure ??= error;
    closed = true;
    wake();
  };
  let silence = setTimeout(() => end(new Error("silence")), options.silenceMs);
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => end(new Error("silence")), options.silenceMs);
  };
  const abort = (): void => end(new Error("aborted"));
  options.signal?.addEventListener("abort", abort, { once: true });
  if (options.signal?.aborted === true) abort();
  socket.addEventListener("open", () => {
    heard();
    options.onOpen();
  });
  socket.addEventListener("message", ({ data }: { data: unknown }) => {
    if (typeof data !== "string" || closed) return;
    heard();
    waiting.push(data);
    waitingCharacters += data.length;
    if (waitingCharacters > MAX_WAITING_CHARACTERS) end(new RangeError("The reader of the stream is too slow"));
    wake();
  });
  socket.addEventListener("error", () => end(new Error("The connection failed")));
  socket.addEventListener("close", () => end());
  try {
    for (;;) {
      for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
        waitingCharacters -= text.length;
        yield text;
      }
      if (failure) throw failure;
      if (closed) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      await promise;
    }
  } finally {
    clearTimeout(silence);
    options.signal?.removeEventListener("abort", abort);
    socket.close();
  }
}
