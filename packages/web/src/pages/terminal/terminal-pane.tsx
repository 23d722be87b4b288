import { Group, Text, useComputedColorScheme } from "@mantine/core";
import { IconAccessible, IconCopy, IconSearch, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useStore } from "../../hub/store.ts";
import { ActionIconButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { closeTerminal } from "./close-terminal.tsx";
import { TerminalEnding } from "./terminal-ending.tsx";
import { TerminalKeys } from "./terminal-keys.tsx";
import { TerminalSearch } from "./terminal-search.tsx";
import type { TerminalSession, TerminalState } from "./terminal-session.ts";
import { setTerminalSettings, terminalSettings } from "./terminal-settings.ts";

/** One terminal: its screen, what it is, and what can be done with it. Fills the height that it is given. */
export function TerminalPane({ session }: { readonly session: TerminalSession }): ReactNode {
  const host = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const [searching, setSearching] = useState(false);
  useLayoutEffect(() => session.setColors(scheme), [session, scheme]);
  useLayoutEffect(() => {
    const place = host.current;
    if (!place) return;
    session.attach(place);
    let frame = 0;
    const observer = new ResizeObserver(() => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => session.fit());
    });
    observer.observe(place);
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      session.detach(place);
    };
  }, [session]);
  useEffect(() => {
    setSearching(false);
    session.onSearch = () => setSearching(true);
    return () => {
      session.onSearch = undefined;
    };
  }, [session]);
  return (
    <>
      <Toolbar session={session} onSearch={() => setSearching((now) => !now)} />
      <div role="status" aria-live="polite">
        <TerminalEnding session={session} />
      </div>
      <div className="fl-terminal fl-card">
        {searching && (
          <TerminalSearch
            session={session}
            onClose={() => {
              setSearching(false);
              session.focus();
            }}
          />
        )}
        <div ref={host} className="fl-terminal-host" />
      </div>
      <TerminalKeys session={session} />
    </>
  );
}

function Toolbar({ session, onSearch }: { session: TerminalSession; onSearch: () => void }): ReactNode {
  const { target, program } = session;
  const { screenReader } = useStore(terminalSettings);
  return (
    <Group justify="space-between" gap="xs" wrap="nowrap">
      <Group gap="sm" wrap="nowrap" miw={0}>
        <TerminalMark session={session} />
        <Text span fz="sm" c="dimmed" className="ellipsis">
          {program.label}
          {program.user !== "" && ` as ${program.user}`} in{" "}
          <Link
            className="fl-link"
            style={{ textDecoration: "underline" }}
            to="/environments/$env/containers/$container"
            params={{ env: target.environmentName, container: target.containerId.slice(0, 12) }}
          >
            {target.name}
          </Link>{" "}
          on {target.environmentName}
        </Text>
      </Group>
      <Group gap={2} wrap="nowrap">
        <ActionIconButton label="Copy what is marked (Ctrl-Shift-C)" onAct={() => session.copySelection()}>
          <IconCopy size={16} aria-hidden />
        </ActionIconButton>
        <ActionIconButton label="Search (Ctrl-Shift-F)" onAct={onSearch}>
          <IconSearch size={16} aria-hidden />
        </ActionIconButton>
        <ActionIconButton
          label={screenReader ? "Screen reader mode is on" : "Screen reader mode"}
          aria-pressed={screenReader}
          variant={screenReader ? "light" : "subtle"}
          onAct={() => setTerminalSettings({ screenReader: !screenReader })}
        >
          <IconAccessible size={16} aria-hidden />
        </ActionIconButton>
        <ActionIconButton label="Close this terminal" onAct={() => closeTerminal(session)}>
          <IconX size={16} aria-hidden />
        </ActionIconButton>
      </Group>
    </Group>
  );
}

function TerminalMark({ session }: { session: TerminalSession }): ReactNode {
  const state = useStore(session.state);
  const { tone, word } = describeState(state);
  return (
    <StateMark tone={tone}>
      {word}{" "}
      <Text span fz="sm" c="dimmed" visibleFrom="sm">
        <Age at={state.at} />
      </Text>
    </StateMark>
  );
}

export function describeState(state: TerminalState): {
  readonly tone: "good" | "warn" | "bad" | "idle";
  readonly word: string;
} {
  if (state.phase === "running") return { tone: "good", word: "Running" };
  if (state.phase === "starting") return { tone: "warn", word: "Starting" };
  const { kind } = state.outcome;
  if (kind === "exited") return { tone: "idle", word: "Ended" };
  return kind === "lost" ? { tone: "warn", word: "Lost" } : { tone: "bad", word: "Not started" };
}
