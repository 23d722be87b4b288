import { ActionIcon, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconFileText } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import { stackOf } from "../../docker/container-state.ts";
import { formatTime } from "../../ui/format.ts";
import { HostLink } from "../environment/host-link.tsx";
import { describeEvent, type EventRow, splitAction, toneOfEvent } from "./event-row.ts";

export interface EventItemViewProps {
  readonly row: EventRow;
  readonly host: string;
}

/** One event of the list, or a gap in it. */
export const EventItemView = memo(function EventItemView({ row, host }: EventItemViewProps): ReactNode {
  const { item, at } = row;
  if (item.kind === "gap") {
    const from = item.from === null ? `before ${when(at)}` : `from ${when(Date.parse(item.from))} to ${when(at)}`;
    return (
      <div className="fl-event-gap">
        <IconAlertTriangle size={16} aria-hidden style={{ flex: "none" }} />
        <span className="ellipsis" title={item.reason}>
          Events may be missing on {host} {from}: {item.reason}
        </span>
      </div>
    );
  }
  const { event } = item;
  const { verb } = splitAction(event);
  const name = event.containerName ?? event.containerId.slice(0, 12);
  const stack = stackOf(event.actorAttributes ?? {});
  return (
    <div className="fl-event">
      <time className="tabular fl-event-time" dateTime={new Date(at).toISOString()} title={formatTime(at)}>
        {when(at)}
      </time>
      <span className="fl-event-action">
        <span className="fl-dot" data-tone={toneOfEvent(item)} aria-hidden />
        <b>{verb}</b>
      </span>
      <span className="ellipsis fl-event-container">
        <Link
          className="fl-link"
          to="/environments/$env/containers/$container"
          params={{ env: host, container: event.containerId.slice(0, 12) }}
        >
          {name}
        </Link>
        {stack !== undefined && <span className="fl-event-dim">in {stack}</span>}
      </span>
      <span className="ellipsis fl-event-detail">{describeEvent(item)}</span>
      <span className="ellipsis fl-event-dim fl-hide-narrow" title={event.image}>
        {event.image}
      </span>
      <HostLink name={host} className="ellipsis fl-event-host" />
      <Tooltip label={`Logs of ${name} at that time`}>
        <ActionIcon
          component={Link}
          to="/logs"
          search={{ sources: `${host}/${event.containerId}`, at: new Date(at).toISOString() }}
          variant="subtle"
          color="gray"
          size="sm"
          className="fl-event-logs"
          aria-label={`Logs of ${name} on ${host} at ${when(at)}`}
        >
          <IconFileText size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </div>
  );
});

/** The time of today; before today with its date. */
function when(at: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString(undefined, { hourCycle: "h23" });
  if (date.toDateString() === new Date().toDateString()) return time;
  return `${date.toLocaleDateString(undefined, { month: "short", day: "numeric" })} ${time}`;
}
