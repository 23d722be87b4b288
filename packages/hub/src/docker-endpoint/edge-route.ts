import { REQUEST_TIMEOUT_MS } from "@fairlead/protocol";
import { barePath, queryOf } from "./docker-path.ts";

/**
 * How a call goes to an agent that speaks protocol 1.0.
 * - `whole`: one request, one response, both held whole. Its status and headers are the engine's.
 * - `stream`: the answer comes in pieces. 1.0 has no place for its status, so only calls whose success is always 200 go this way.
 */
export type EdgeRoute =
  | { readonly how: "whole"; readonly timeoutMs: number }
  | { readonly how: "stream"; readonly ask: "container" | "archive" | "nothing" };

/** Calls that wait for a container, a registry or a disk: the agent has limits of its own, this is for one that forgets a call. */
const SLOW_CALL_TIMEOUT_MS = 10 * 60 * 1000;

/** Longest grace that `stop` and `restart` are given on top: a timer's own limit is 24 days. */
const MAX_GRACE_MS = 24 * 3600 * 1000;

/**
 * Streams, the first match counts: everything long, large or endless that answers 200.
 * `ask` says what must be asked first, since a stream cannot tell it: whether the container is there and has a terminal, or the
 * file's `X-Docker-Container-Path-Stat`.
 */
const STREAMS: readonly (readonly [method: string, path: RegExp, ask: "container" | "archive" | "nothing"])[] = [
  ["GET", /^\/containers\/[^/]+\/logs$/, "container"],
  ["POST", /^\/containers\/[^/]+\/wait$/, "container"],
  ["GET", /^\/containers\/[^/]+\/archive$/, "archive"],
  ["GET", /^\/containers\/[^/]+\/(stats|export)$/, "nothing"],
  ["GET", /^\/(services|tasks)\/[^/]+\/logs$/, "nothing"],
  ["GET", /^\/events$/, "nothing"],
  ["GET", /^\/images\/(.+\/)?get$/, "nothing"],
  ["POST", /^\/images\/(create|load)$/, "nothing"],
  ["POST", /^\/images\/.+\/push$/, "nothing"],
  ["POST", /^\/plugins\/(pull|.+\/push)$/, "nothing"],
  ["POST", /^\/build$/, "nothing"],
];

/** GETs that read whole disks or ask a registry. */
const SLOW_GETS = /^\/(system\/df|images\/search|distribution\/.+\/json|containers\/[^/]+\/changes)$/;

/** @param path with its query. */
export function edgeRoute(method: string, path: string): EdgeRoute {
  const bare = barePath(path);
  const found = STREAMS.find(([streamMethod, pattern]) => streamMethod === method && pattern.test(bare));
  if (found && !isOneShotStats(bare, path)) return { how: "stream", ask: found[2] };
  return { how: "whole", timeoutMs: timeLimit(method, bare, path) };
}

/** `stats?stream=false` is one JSON document. */
function isOneShotStats(bare: string, path: string): boolean {
  return bare.endsWith("/stats") && !isTrue(queryOf(path).get("stream") ?? "true");
}

/** As the engine reads a flag of a query. */
function isTrue(value: string): boolean {
  return !["", "0", "no", "false", "none"].includes(value.trim().toLowerCase());
}

function timeLimit(method: string, bare: string, path: string): number {
  if (method === "GET" || method === "HEAD") return SLOW_GETS.test(bare) ? SLOW_CALL_TIMEOUT_MS : REQUEST_TIMEOUT_MS;
  if (!/\/(stop|restart)$/.test(bare)) return SLOW_CALL_TIMEOUT_MS;
  const seconds = Number(queryOf(path).get("t") ?? 0);
  // Below 0: as long as it takes.
  const graceMs = seconds < 0 ? MAX_GRACE_MS : Math.min(MAX_GRACE_MS, (seconds || 0) * 1000);
  return SLOW_CALL_TIMEOUT_MS + graceMs;
}
