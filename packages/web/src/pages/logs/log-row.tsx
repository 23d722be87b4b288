import { Box, Group } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { memo, type ReactNode } from "react";
import { useNow } from "../../ui/clock.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { formatLineTime, type TimeStyle } from "./line-time.ts";
import { styledParts } from "./styled-parts.ts";
import { parseJsonLine } from "./worker/json-line.ts";
import { LEVELS } from "./worker/level.ts";
import type { ShownLine } from "./worker/log-messages.ts";
import { formatStamp } from "./worker/log-time.ts";

/** How rows look; another object draws all of them again. */
export interface LogRowLook {
  readonly wrap: boolean;
  readonly times: TimeStyle;
  /** JSON keys that have columns; undefined: lines as they are. */
  readonly columns: readonly string[] | undefined;
  /** Sources by key; names stand before lines when there are several. */
  readonly names: ReadonlyMap<string, { readonly name: string; readonly color: number }>;
}

export interface LogRowProps {
  readonly line: ShownLine;
  readonly index: number;
  readonly look: LogRowLook;
  readonly isCurrent: boolean;
  readonly isUnfolded: boolean;
  readonly onUnfold: (id: number) => void;
}

export const LogRow = memo(
  function LogRow({ line, index, look, isCurrent, isUnfolded, onUnfold }: LogRowProps): ReactNode {
    const { id, key, text, level, isStderr, isCut, isMarked, isAfterGap } = line;
    if (key === undefined)
      return (
        <div className="fl-log-note" data-id={id} data-index={index} role="note">
          {text}
        </div>
      );
    const source = look.names.size > 1 ? look.names.get(key) : undefined;
    const ChevronOf = isUnfolded ? IconChevronDown : IconChevronRight;
    return (
      <div
        className="fl-log-row"
        data-id={id}
        data-index={index}
        data-level={LEVELS[level] || undefined}
        data-marked={isMarked || undefined}
        data-current={isCurrent || undefined}
        data-gap={isAfterGap || undefined}
      >
        <div className="fl-log-line">
          <button
            type="button"
            className="fl-log-unfold"
            tabIndex={-1}
            aria-expanded={isUnfolded}
            aria-label={isUnfolded ? "Fold this line" : "Unfold this line"}
            onClick={() => onUnfold(id)}
          >
            <ChevronOf size={12} aria-hidden />
          </button>
          {look.times !== "off" && <LineTime line={line} style={look.times} />}
          {source && (
            <span className="fl-log-source" data-source={source.color} title={source.name}>
              {source.name}
            </span>
          )}
          {isStderr && <span className="fl-log-err">err</span>}
          <LineText line={line} columns={look.columns} />
          {isCut && <span className="fl-log-cut">cut at 16 KiB</span>}
        </div>
        {isUnfolded && <Unfolded line={line} name={look.names.get(key)?.name ?? ""} />}
      </div>
    );
  },
  (before, after) =>
    before.line.id === after.line.id &&
    before.index === after.index &&
    before.look === after.look &&
    before.isCurrent === after.isCurrent &&
    before.isUnfolded === after.isUnfolded &&
    before.line.isMarked === after.line.isMarked &&
    before.line.isAfterGap === after.line.isAfterGap &&
    before.line.ranges.length === after.line.ranges.length &&
    before.line.ranges.every(
      ([start, end], at) => after.line.ranges[at]?.[0] === start && after.line.ranges[at]?.[1] === end,
    ),
);

function LineTime({ line, style }: { readonly line: ShownLine; readonly style: TimeStyle }): ReactNode {
  if (style === "relative") return <RelativeTime line={line} />;
  const [date, time] = formatLineTime(line.micros, style, 0);
  return (
    <time className="fl-log-time" title={formatStamp(line)}>
      <span className="fl-hide-narrow">{date} </span>
      {time}
    </time>
  );
}

function RelativeTime({ line }: { readonly line: ShownLine }): ReactNode {
  const now = useNow();
  return (
    <time className="fl-log-time" title={formatStamp(line)}>
      {formatLineTime(line.micros, "relative", now)[1]}
    </time>
  );
}

function LineText({
  line,
  columns,
}: {
  readonly line: ShownLine;
  readonly columns: readonly string[] | undefined;
}): ReactNode {
  const json = columns && parseJsonLine(line.text);
  if (columns && json)
    return (
      <>
        <span className="fl-log-level">{LEVELS[line.level]}</span>
        <span className="fl-log-message">{json.message ?? ""}</span>
        {columns.map((key) => (
          <span key={key} className="fl-log-cell" title={`${key}: ${json.fields[key] ?? ""}`}>
            {json.fields[key] ?? ""}
          </span>
        ))}
      </>
    );
  return (
    <>
      {columns && <span className="fl-log-level">{LEVELS[line.level]}</span>}
      <span className="fl-log-text">
        {styledParts(line.text, line.spans, line.ranges).map(({ text, span, isMatch }, index) => {
          const style = span && {
            "data-fg": span.color,
            "data-bg": span.background,
            "data-bold": span.bold,
            "data-dim": span.dim,
          };
          if (isMatch)
            return (
              <mark key={index} {...style}>
                {text}
              </mark>
            );
          return style ? (
            <span key={index} {...style}>
              {text}
            </span>
          ) : (
            text
          );
        })}
      </span>
    </>
  );
}

function Unfolded({ line, name }: { readonly line: ShownLine; readonly name: string }): ReactNode {
  const json = parseJsonLine(line.text) && (JSON.parse(line.text) as unknown);
  const text = json === undefined ? line.text : JSON.stringify(json, null, 2);
  return (
    <Group className="fl-log-unfolded" wrap="nowrap" align="flex-start" gap="xs">
      <Box component="pre" m={0} style={{ flex: 1, minWidth: 0 }}>
        {`${name} ${formatStamp(line)} ${line.isStderr ? "stderr" : "stdout"}\n${text}`}
      </Box>
      <CopyButton text={text} what="the line" />
    </Group>
  );
}
