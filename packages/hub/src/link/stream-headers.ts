/** What can be known of a stream's head before a byte of it came: 1.0 carries neither status nor headers of a stream. */
export interface GuessedHead {
  /** The content type that the engine gives such an answer. */
  readonly contentType: string;
  /** True where the engine sends its head at once and may then be silent for hours, so that silence means 200. */
  readonly mayBeSilent: boolean;
}

const MULTIPLEXED = "application/vnd.docker.multiplexed-stream";

/** First match counts. Paths are without version and query. */
const ROWS: readonly (readonly [method: string, path: RegExp, contentType: string, mayBeSilent: boolean])[] = [
  // A terminal's output is raw instead, but only the container knows whether it has one.
  ["GET", /^\/(containers|services|tasks)\/[^/]+\/logs$/, MULTIPLEXED, true],
  ["POST", /^\/containers\/[^/]+\/attach$/, MULTIPLEXED, true],
  ["POST", /^\/exec\/[^/]+\/start$/, MULTIPLEXED, true],
  ["POST", /^\/containers\/[^/]+\/wait$/, "application/json", true],
  ["GET", /^\/events$/, "application/json", true],
  ["GET", /^\/containers\/[^/]+\/stats$/, "application/json", false],
  ["GET", /^\/containers\/[^/]+\/(archive|export)$/, "application/x-tar", false],
  ["GET", /^\/images\/(.+\/)?get$/, "application/x-tar", false],
];

/** The usual head of a streamed answer to this call; JSON where nothing better is known (pull, push, build, load, compose). */
export function guessHead(method: string, path: string): GuessedHead {
  const bare = (path.split("?", 1)[0] ?? "").replace(/^\/v[0-9.]+(?=\/)/, "");
  for (const [rowMethod, pattern, contentType, mayBeSilent] of ROWS) {
    if (rowMethod === method.toUpperCase() && pattern.test(bare)) return { contentType, mayBeSilent };
  }
  return { contentType: "application/json", mayBeSilent: false };
}
