import { Button, Group, Text } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { count } from "../../ui/format.ts";
import { useNarrow } from "../../ui/use-narrow.ts";
import { EventItemView } from "./event-item.tsx";
import type { EventRow } from "./event-row.ts";

export interface EventListViewProps {
  /** Newest first. */
  readonly rows: readonly EventRow[];
  readonly hostOf: (environmentId: number) => string;
  /** The end of the list is near. */
  readonly onEnd: () => void;
  /** Under the oldest one: what is beyond it. */
  readonly footer: ReactNode;
  readonly empty: ReactNode;
}

const ROW_PX = 34;
const NARROW_ROW_PX = 56;
const FOOTER_PX = 56;
/** Scrolled this far, one reads; back at the top one waits for what comes. */
const HELD_FROM_PX = 24;
/** Rows before the end at which older ones are asked for. */
const END_ROWS = 30;

/** The events, of which only what can be seen is in the page. While one reads further down nothing moves: what is new waits above. */
export function EventListView({ rows, hostOf, onEnd, footer, empty }: EventListViewProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useNarrow();
  const [held, setHeld] = useState<number | null>(null);
  const heldAt =
    held === null
      ? 0
      : Math.max(
          0,
          rows.findIndex(({ id }) => id === held),
        );
  const shown = heldAt === 0 ? rows : rows.slice(heldAt);
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (narrow ? NARROW_ROW_PX : ROW_PX),
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 10,
    paddingEnd: FOOTER_PX,
  });
  useEffect(() => virtualizer.measure(), [narrow, virtualizer]);
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  useEffect(() => {
    if (last >= shown.length - END_ROWS) onEnd();
  }, [last, shown.length, onEnd]);

  const onScroll = (): void => {
    const top = scroller.current?.scrollTop ?? 0;
    if (top > HELD_FROM_PX && held === null) setHeld(shown[0]?.id ?? null);
    else if (top <= 0 && held !== null) setHeld(null);
  };
  const toTop = (): void => {
    setHeld(null);
    scroller.current?.scrollTo({ top: 0 });
    scroller.current?.focus();
  };
  return (
    <div className="fl-card fl-events">
      <div role="status" aria-live="polite" className="fl-events-new">
        {heldAt > 0 && (
          <Button size="xs" radius="xl" leftSection={<IconArrowUp size={14} aria-hidden />} onClick={toTop}>
            {count(heldAt, "new event")}
          </Button>
        )}
      </div>
      <div
        ref={scroller}
        className="fl-events-scroll"
        tabIndex={0}
        role="region"
        aria-label="Events"
        onScroll={onScroll}
      >
        {shown.length === 0 && empty}
        <ul style={{ height: virtualizer.getTotalSize() - FOOTER_PX }}>
          {items.map((item) => {
            const row = shown[item.index];
            return (
              row && (
                <li
                  key={row.id}
                  aria-setsize={shown.length}
                  aria-posinset={item.index + 1}
                  style={{ height: item.size, transform: `translateY(${item.start}px)` }}
                >
                  <EventItemView row={row} host={hostOf(row.environmentId)} />
                </li>
              )
            );
          })}
        </ul>
        <Group justify="center" h={FOOTER_PX} gap="sm">
          <Text span fz="sm" c="dimmed" component="div">
            {footer}
          </Text>
        </Group>
      </div>
    </div>
  );
}
