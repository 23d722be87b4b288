import { ActionIcon, Group, Text, Tooltip } from "@mantine/core";
import { IconEye, IconEyeOff, IconRefresh, IconX } from "@tabler/icons-react";
import { type ReactNode, useMemo } from "react";
import { containerKey } from "../../hub/containers.ts";
import { type Store, useStore } from "../../hub/store.ts";
import { StateMark } from "../../ui/state-mark.tsx";
import type { LogSource } from "./log-view.tsx";
import { describeSource } from "./source-state.ts";
import type { LogSnapshot, SourceState } from "./worker/log-messages.ts";

export interface SourceChipsProps {
  readonly sources: readonly LogSource[];
  readonly names: ReadonlyMap<string, { readonly name: string; readonly color: number }>;
  /** Why a source may not be read. */
  readonly refused: ReadonlyMap<string, string>;
  readonly snapshots: Store<LogSnapshot | undefined>;
  readonly hidden: readonly string[];
  readonly onToggle: (key: string) => void;
  readonly onRetry: (key: string) => void;
  readonly onRemove: ((source: LogSource) => void) | undefined;
}

/** As a text, so that it is the same as long as nothing of it changed. */
const statesText = (snapshot: LogSnapshot | undefined): string => JSON.stringify(snapshot?.sources ?? {});

/** The sources with their colours, how each stands, and whether it is shown. */
export function SourceChips(props: SourceChipsProps): ReactNode {
  const text = useStore(props.snapshots, statesText);
  const states = useMemo(() => JSON.parse(text) as Readonly<Record<string, SourceState>>, [text]);
  return (
    <Group gap="xs" role="list" aria-label="Sources" mah={112} style={{ overflowY: "auto" }} tabIndex={0}>
      {props.sources.map((source) => (
        <SourceChip
          key={containerKey(source.environmentId, source.containerId)}
          source={source}
          states={states}
          {...props}
        />
      ))}
    </Group>
  );
}

function SourceChip({
  source,
  names,
  refused,
  states,
  hidden,
  onToggle,
  onRetry,
  onRemove,
}: SourceChipsProps & {
  readonly source: LogSource;
  readonly states: Readonly<Record<string, SourceState>>;
}): ReactNode {
  const key = containerKey(source.environmentId, source.containerId);
  const { name = source.name, color } = names.get(key) ?? {};
  const reason = refused.get(key);
  const state = states[key];
  const { tone, word, why } =
    reason === undefined ? describeSource(state) : { tone: "bad" as const, word: "refused", why: reason };
  const isHidden = hidden.includes(key);
  return (
    <div role="listitem" className="fl-log-chip" data-source={color} data-hidden={isHidden || undefined}>
      <Text
        span
        fz="xs"
        fw={600}
        className="fl-log-chip-name ellipsis"
        title={`${source.name} on ${source.environmentName}`}
      >
        {name}
      </Text>
      <Text span fz="xs" c="dimmed" component="span">
        <StateMark tone={tone}>{word}</StateMark>
      </Text>
      {(tone === "bad" || tone === "warn") && (
        <Text span fz="xs" style={{ overflowWrap: "anywhere" }}>
          {why}
        </Text>
      )}
      {state?.kind === "failed" && (
        <Small label={`Read ${name} again`} onAct={() => onRetry(key)}>
          <IconRefresh size={13} aria-hidden />
        </Small>
      )}
      <Small label={isHidden ? `Show ${name}` : `Hide ${name}`} onAct={() => onToggle(key)} isOn={!isHidden}>
        {isHidden ? <IconEyeOff size={13} aria-hidden /> : <IconEye size={13} aria-hidden />}
      </Small>
      {onRemove && (
        <Small label={`Remove ${name}`} onAct={() => onRemove(source)}>
          <IconX size={13} aria-hidden />
        </Small>
      )}
    </div>
  );
}

interface SmallProps {
  readonly label: string;
  readonly onAct: () => void;
  readonly isOn?: boolean;
  readonly children: ReactNode;
}

function Small({ label, onAct, isOn, children }: SmallProps): ReactNode {
  return (
    <Tooltip label={label}>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={label} aria-pressed={isOn} onClick={onAct}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
