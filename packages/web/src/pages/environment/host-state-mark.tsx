import type { ReactNode } from "react";
import { connection } from "../../hub/live.ts";
import { useStore } from "../../hub/store.ts";
import { useNow } from "../../ui/clock.ts";
import { formatDuration, formatTime } from "../../ui/format.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import type { HostState } from "./host-state.ts";

/** A host's state with since when. While the hub does not answer nothing is shown as good: nobody knows. */
export function HostStateMark({ state }: { readonly state: HostState }): ReactNode {
  const isAway = useStore(connection, ({ state }) => state === "away" || state === "refused");
  const wasGood = isAway && state.tone === "good";
  return (
    <StateMark
      tone={wasGood ? "idle" : state.tone}
      {...(state.reason === null ? {} : { title: `${state.label}: ${state.reason}` })}
    >
      {wasGood ? `${state.label} when the hub last answered` : state.label}
      {!wasGood && state.since !== null && (
        <>
          {" "}
          <For at={state.since} />
        </>
      )}
    </StateMark>
  );
}

/** How long something has been so: `for 3 min`. */
function For({ at }: { readonly at: string }): ReactNode {
  const now = useNow();
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={`Since ${formatTime(time)}`}>
      for {formatDuration(Math.max(0, now - time))}
    </time>
  );
}
