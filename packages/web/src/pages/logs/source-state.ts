import type { Tone } from "../../ui/tone.ts";
import type { SourceState } from "./worker/log-messages.ts";

/** How a source stands, in words. */
export function describeSource(state: SourceState | undefined): {
  readonly tone: Tone;
  readonly word: string;
  readonly why?: string;
} {
  switch (state?.kind) {
    case "live":
      return { tone: "good", word: "live" };
    case "ended":
      return {
        tone: "idle",
        word: "ended",
        why: "The container does not write any more. Its log goes on here when it starts again.",
      };
    case "held":
      return { tone: "idle", word: "held", why: "Newer lines are read when you scroll to them or continue." };
    case "away":
      return { tone: "warn", word: "away", why: `${state.message} It is tried again.` };
    case "failed":
      return { tone: "bad", word: "failed", why: `${state.message} (${state.code})` };
    default:
      return { tone: "idle", word: "waiting" };
  }
}
