import { Group, Stack } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { actionAllowance } from "../../hub/access.ts";
import { containerKey } from "../../hub/containers.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { useMe } from "../../hub/session.ts";
import { LogLines, type ReadingMode } from "./log-lines.tsx";
import type { LogRowLook } from "./log-row.tsx";
import { LogSearch } from "./log-search.tsx";
import { useLogSettings } from "./log-settings.ts";
import { LogStatus } from "./log-status.tsx";
import { LogToolbar } from "./log-toolbar.tsx";
import "./logs.css";
import { SourceChips } from "./source-chips.tsx";
import { useJsonKeys } from "./use-json-keys.ts";
import { useLogFilter } from "./use-log-filter.ts";
import { useLogWorker } from "./use-log-worker.ts";
import { useRestarts } from "./use-restarts.ts";
import { parseWhen } from "./when.ts";
import type { LogAddress, LogRange, LogViewport } from "./worker/log-messages.ts";

/** A container whose log is shown. */
export interface LogSource {
  readonly environmentId: number;
  readonly environmentName: string;
  readonly containerId: string;
  readonly name: string;
}

export interface LogViewProps {
  readonly sources: readonly LogSource[];
  /** Takes a source away; without it they cannot be. */
  readonly onRemove?: (source: LogSource) => void;
}

/** Colours that tell sources apart; beyond them they begin again. */
const COLORS = 10;

/** Logs of one container, or of many merged by time. Fills the height that it is given. */
export function LogView({ sources, onRemove }: LogViewProps): ReactNode {
  const me = useMe();
  const environments = useEnvironments();
  const refused = useMemo(() => {
    const reasons = new Map<string, string>();
    for (const source of sources) {
      const { environmentId, containerId } = source;
      if (!me || !environments.loaded) continue;
      const environment = environments.byId.get(environmentId);
      // A host that is away is waited for.
      const there = environment && {
        ...environment,
        link: { ...environment.link, state: "up" as const },
        engine: { ...environment.engine, state: "up" as const },
      };
      const allowed = actionAllowance(me, "container.logs", there);
      if (!allowed.allowed) reasons.set(containerKey(environmentId, containerId), allowed.reason);
    }
    return reasons;
  }, [sources, me, environments]);
  const isKnown = me !== undefined && environments.loaded;
  const severalHosts = new Set(sources.map(({ environmentId }) => environmentId)).size > 1;
  const addresses = useMemo<readonly LogAddress[]>(
    () =>
      (isKnown ? sources : []).flatMap(({ environmentId, environmentName, containerId, name }) => {
        const key = containerKey(environmentId, containerId);
        const shown = severalHosts ? `${name}@${environmentName}` : name;
        return refused.has(key) ? [] : [{ key, environmentId, containerId, name: shown }];
      }),
    [sources, isKnown, refused, severalHosts],
  );

  const [since] = useSearchText("since");
  const [until] = useSearchText("until");
  const [at] = useSearchText("at");
  const [settings, change] = useLogSettings();
  const range = useMemo<LogRange>(() => {
    const now = Date.now();
    const times = { since: parseWhen(since, now), until: parseWhen(until, now), at: parseWhen(at, now) };
    const known = Object.entries(times).filter((entry): entry is [string, number] => typeof entry[1] === "number");
    return { tail: settings.tail, ...Object.fromEntries(known) };
  }, [since, until, at, settings.tail]);

  const { snapshots, error, send, find, exportLines } = useLogWorker(addresses, range);
  const filter = useLogFilter(send);
  useRestarts(addresses, send);
  const [mode, setMode] = useState<ReadingMode>(range.at === undefined ? "follow" : "time");
  useEffect(() => setMode(range.at === undefined ? "follow" : "time"), [range]);
  const [isPaused, setPaused] = useState(false);
  const pause = (paused: boolean): void => {
    setPaused(paused);
    send({ type: "pause", paused });
  };

  const [chosen, setChosen] = useState<readonly string[] | undefined>();
  const keys = useJsonKeys(snapshots, settings.columns);
  const columns = useMemo(() => chosen ?? keys.slice(0, 4), [chosen, keys]);
  const names = useMemo(
    () => new Map(addresses.map(({ key, name }, index) => [key, { name, color: index % COLORS }])),
    [addresses],
  );
  const look = useMemo<LogRowLook>(
    () => ({ wrap: settings.wrap, times: settings.times, columns: settings.columns ? columns : undefined, names }),
    [settings.wrap, settings.times, settings.columns, columns, names],
  );

  const top = useRef(0);
  const [target, setTarget] = useState<{ readonly index: number; readonly number: number } | undefined>();
  useEffect(() => setTarget(undefined), [filter.filter, range]);
  const step = useCallback(
    async (forward: boolean): Promise<void> => {
      const start = target?.index ?? (forward ? top.current - 1 : top.current);
      const { index, number } = await find(forward, start);
      if (index === undefined) return;
      setMode("free");
      setTarget({ index, number });
    },
    [find, target],
  );
  const onViewport = useCallback((viewport: LogViewport) => send({ type: "viewport", viewport }), [send]);
  const onShown = useCallback(() => send({ type: "shown" }), [send]);
  const search = useRef<HTMLInputElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const isInField = event.target instanceof HTMLInputElement;
    if (isInField || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") search.current?.focus();
    else if (event.key === "n" || event.key === "N") void step(event.key === "n");
    else if (event.key === "End") setMode("follow");
    else return;
    event.preventDefault();
  };
  const canFollow = !isPaused && range.at === undefined;
  const label = sources.length === 1 ? `Log of ${sources[0]?.name ?? ""}` : `Logs of ${sources.length} containers`;

  return (
    <Stack gap="xs" style={{ flex: 1, minHeight: 0, height: "100%" }} onKeyDown={onKeyDown}>
      <Group gap="xs" align="flex-end">
        <LogSearch
          input={search}
          filter={filter}
          error={error}
          snapshots={snapshots}
          current={target?.number}
          onStep={(forward) => void step(forward)}
        />
        <LogToolbar
          filter={filter}
          settings={settings}
          onSettings={change}
          keys={keys}
          columns={columns}
          onColumns={setChosen}
          isPaused={isPaused}
          onPause={pause}
          sources={sources}
          exportLines={exportLines}
        />
      </Group>
      {(sources.length > 1 || onRemove !== undefined || refused.size > 0) && (
        <SourceChips
          sources={sources}
          names={names}
          refused={refused}
          snapshots={snapshots}
          hidden={filter.filter.hidden}
          onToggle={filter.toggleSource}
          onRetry={(key) => send({ type: "retry", key })}
          onRemove={onRemove}
        />
      )}
      <div className="fl-log-frame fl-card">
        <LogLines
          snapshots={snapshots}
          look={look}
          mode={mode}
          onMode={setMode}
          onViewport={onViewport}
          onShown={onShown}
          canFollow={canFollow}
          target={target}
          top={top}
          label={label}
        />
        <LogStatus
          snapshots={snapshots}
          sources={sources}
          mode={mode}
          isPaused={isPaused}
          onFollow={() => {
            if (isPaused) pause(false);
            setMode("follow");
          }}
          onRetryOlder={() => send({ type: "retry-older" })}
        />
      </div>
    </Stack>
  );
}
