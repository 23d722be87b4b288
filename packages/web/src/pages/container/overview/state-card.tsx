import { Code } from "@mantine/core";
import type { ReactNode } from "react";
import { toneOf } from "../../../docker/container-state.ts";
import type { ContainerInspect } from "../../../docker/container-inspect.ts";
import { Age } from "../../../ui/age.tsx";
import { CopyButton } from "../../../ui/copy-button.tsx";
import { formatTime, shortId } from "../../../ui/format.ts";
import { Properties } from "../../../ui/properties.tsx";
import { StateMark } from "../../../ui/state-mark.tsx";
import { exitCodeMeaning } from "../exit-code.ts";
import { stateSentence } from "../state-sentence.ts";
import { Card } from "./card.tsx";

export function StateCard({ inspect }: { readonly inspect: ContainerInspect }): ReactNode {
  const { State: state, RestartCount, Created, Platform, Id, Driver } = inspect;
  const hasEnded = timeOf(state.FinishedAt) !== undefined && !state.Running;
  const meaning = exitCodeMeaning(state.ExitCode, state.OOMKilled);
  return (
    <Card title="State">
      <Properties
        items={[
          [
            "State",
            <StateMark key="state" tone={toneOf({ State: state.Status, Status: stateSentence(state) })}>
              {state.Status}
            </StateMark>,
          ],
          ["Started", <Moment key="started" at={state.StartedAt} />],
          ["Finished", hasEnded ? <Moment key="finished" at={state.FinishedAt} /> : undefined],
          ["Exit code", hasEnded ? `${state.ExitCode}${meaning === undefined ? "" : `: ${meaning}`}` : undefined],
          [
            "Out of memory",
            state.OOMKilled ? (
              <span key="oom" className="fl-text-bad">
                The kernel killed a process of it: it wanted more memory than it may have
              </span>
            ) : undefined,
          ],
          [
            "Error",
            state.Error === "" ? undefined : (
              <span key="error" className="fl-text-bad">
                {state.Error}
              </span>
            ),
          ],
          ["Restarts", RestartCount > 0 ? `${RestartCount} by its restart policy` : "none by its restart policy"],
          ["Process id", state.Pid > 0 ? `${state.Pid} on the host` : undefined],
          ["Created", <Moment key="created" at={Created} />],
          ["Platform", Platform],
          ["Storage driver", Driver],
          [
            "Id",
            <span key="id" style={{ display: "inline-flex", alignItems: "center", gap: 4 }}>
              <Code>{shortId(Id)}</Code> <CopyButton text={Id} what="the whole id" />
            </span>,
          ],
        ]}
      />
    </Card>
  );
}

/** A time with its age; Go's zero time is none. */
function Moment({ at }: { readonly at: string }): ReactNode {
  const time = timeOf(at);
  if (time === undefined) return "never";
  return (
    <>
      <Age at={time} /> <span style={{ color: "var(--mantine-color-dimmed)" }}>({formatTime(time)})</span>
    </>
  );
}

function timeOf(at: string): number | undefined {
  const time = Date.parse(at);
  return Number.isNaN(time) || time <= 0 ? undefined : time;
}
