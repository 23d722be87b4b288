import type { Environment } from "@fairlead/protocol/rest";
import type { Tone } from "../../ui/tone.ts";

export interface ArrivalText {
  readonly tone: Tone;
  readonly text: string;
  readonly hint?: string;
  readonly isThere: boolean;
}

/** After so long somebody should look why: an agent dials as soon as it starts. */
const LONG_MS = 60_000;

/**
 * What of a host that is waited for is there.
 *
 * @param before the `connectedAt` of the agent that was there when the waiting began: it is not the one waited for.
 */
export function arrivalOf(
  environment: Environment | undefined,
  name: string,
  before: string | null,
  waitedMs: number,
): ArrivalText {
  const isEdge = (environment?.kind ?? "edge") === "edge";
  const connectedAt = environment?.agent?.connectedAt ?? null;
  const isLinked = environment?.link.state === "up" && (!isEdge || (connectedAt !== null && connectedAt !== before));
  if (!environment || !isLinked) {
    const error = isEdge ? null : (environment?.link.error ?? null);
    const late = isEdge
      ? "Nothing yet. Look at the agent's log on the host: docker logs fairlead-agent, or journalctl -u fairlead-agent."
      : "Nothing yet. The hub goes on trying.";
    return {
      tone: error === null ? "idle" : "bad",
      text: isEdge ? `Waiting for the agent of ${name}…` : `Waiting for the hub to reach ${name}…`,
      ...(error !== null ? { hint: error } : waitedMs >= LONG_MS ? { hint: late } : {}),
      isThere: false,
    };
  }
  const what = isEdge ? `The agent of ${name} is connected` : `The hub reaches ${name}`;
  if (environment.engine.state !== "up") {
    const error = environment.engine.error;
    return {
      tone: "warn",
      text: `${what}; its engine ${environment.engine.state === "down" ? "does not answer" : "has not answered yet"}.`,
      ...(error === null ? {} : { hint: error }),
      isThere: false,
    };
  }
  return { tone: "good", text: `${what}, and its engine answers.`, isThere: true };
}
