import { ByteReader } from "./byte-reader.ts";

const HEADER_BYTES = 8;

/** Both streams of a command without a terminal as texts. Each piece has a header: its stream, and its length. */
export async function demultiplex(
  pieces: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly truncated: boolean }> {
  const reader = new ByteReader(pieces);
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const texts = { stdout: "", stderr: "" };
  let left = maxBytes;
  for (;;) {
    const header = await reader.read(HEADER_BYTES);
    if (header === undefined) return { ...texts, truncated: false };
    const stream = header[0] === 2 ? "stderr" : "stdout";
    const length = new DataView(header.buffer).getUint32(4);
    for await (const piece of reader.pieces(length)) {
      left -= piece.length;
      if (left < 0) return { ...texts, truncated: true };
      texts[stream] += decoders[stream].decode(piece, { stream: true });
    }
  }
}
