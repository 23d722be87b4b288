/**
 * An answer's bytes as they come; who stops reading ends the call.
 * @param stopAfterMs the answer is given up after that time, as if it ended there
 */
export async function* streamPieces(response: Response, stopAfterMs?: number): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  const timer =
    stopAfterMs === undefined ? undefined : setTimeout(() => void reader.cancel().catch(() => {}), stopAfterMs);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    clearTimeout(timer);
    await reader.cancel().catch(() => {});
  }
}
