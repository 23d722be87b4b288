import { IconPlus, IconX } from "@tabler/icons-react";
import { Group } from "@mantine/core";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useId, useRef } from "react";
import { useStore } from "../../hub/store.ts";
import type { Allowance } from "../../hub/access.ts";
import { ActionIconButton } from "../../ui/action-button.tsx";
import { closeTerminal } from "./close-terminal.tsx";
import { tabOfKey } from "./page-keys.ts";
import { describeState, TerminalPane } from "./terminal-pane.tsx";
import type { TerminalSession } from "./terminal-session.ts";

export interface TerminalTabsProps {
  readonly sessions: readonly TerminalSession[];
  readonly selected: TerminalSession;
  readonly onSelect: (session: TerminalSession) => void;
  readonly onNew: () => void;
  readonly newAllowance: Allowance;
  /** All are in the same container: its name says nothing. */
  readonly numbered?: boolean;
}

/** Terminals side by side: their tabs, and the one that is looked at. Fills the height that it is given. */
export function TerminalTabs(props: TerminalTabsProps): ReactNode {
  const { sessions, selected, onSelect, onNew, newAllowance, numbered = false } = props;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const ids = sessions.map((session) => session.id);
  const select = (sessionId: string | undefined, focus: "tab" | "terminal"): void => {
    const session = sessions.find((one) => one.id === sessionId);
    if (!session) return;
    onSelect(session);
    requestAnimationFrame(() =>
      focus === "tab" ? document.getElementById(`${id}-${session.id}`)?.focus() : session.focus(),
    );
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = tabOfKey(event.nativeEvent, ids, selected.id);
    const leaves = event.ctrlKey && event.shiftKey && event.code === "ArrowUp";
    if (to === undefined && !leaves) return;
    event.preventDefault();
    if (leaves) document.getElementById(`${id}-${selected.id}`)?.focus();
    else select(to, "terminal");
  };
  const onTabKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey) return;
    const at = ids.indexOf(selected.id);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: ids.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      select(ids.at(to % ids.length), "tab");
    } else if (event.key === "Delete") void closeTerminal(selected);
    else if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      selected.focus();
    }
  };
  return (
    <div className="fl-terminal-deck" onKeyDown={onKeyDown}>
      <Group gap={4} wrap="nowrap" className="fl-terminal-tabs">
        <div ref={list} role="tablist" aria-label="Open terminals" onKeyDown={onTabKey}>
          {sessions.map((session, index) => (
            <Tab
              key={session.id}
              id={`${id}-${session.id}`}
              panel={`${id}-panel`}
              session={session}
              label={numbered ? `${index + 1}: ${session.program.label}` : session.target.name}
              detail={numbered ? session.program.user : session.target.environmentName}
              selected={session === selected}
              onSelect={() => select(session.id, "terminal")}
            />
          ))}
        </div>
        <ActionIconButton label="New terminal" allowance={newAllowance} onAct={onNew}>
          <IconPlus size={16} aria-hidden />
        </ActionIconButton>
      </Group>
      <div
        id={`${id}-panel`}
        role="tabpanel"
        aria-labelledby={`${id}-${selected.id}`}
        className="fl-terminal-deck"
        style={{ flex: 1 }}
      >
        <TerminalPane session={selected} />
      </div>
      <p className="visually-hidden">
        In a terminal: Ctrl-Shift-Left and Right change to another one, Ctrl-Shift-Up leads out of it to its tab,
        Ctrl-Shift-F searches, Ctrl-Shift-C copies.
      </p>
    </div>
  );
}

interface TabProps {
  readonly id: string;
  readonly panel: string;
  readonly session: TerminalSession;
  readonly label: string;
  readonly detail: string;
  readonly selected: boolean;
  readonly onSelect: () => void;
}

function Tab({ id, panel, session, label, detail, selected, onSelect }: TabProps): ReactNode {
  const { tone, word } = describeState(useStore(session.state));
  return (
    <div
      id={id}
      role="tab"
      tabIndex={selected ? 0 : -1}
      aria-selected={selected}
      aria-controls={panel}
      className="fl-terminal-tab"
      onClick={onSelect}
      onAuxClick={(event) => event.button === 1 && void closeTerminal(session)}
    >
      <span className="fl-dot" data-tone={tone} aria-hidden />
      <span className="visually-hidden">{word}: </span>
      <span className="ellipsis">{label}</span>
      {detail !== "" && <span className="fl-terminal-tab-detail">{detail}</span>}
      {/* For who points; keys have Delete, and there is a button beside the screen. */}
      <IconX
        size={13}
        aria-hidden
        onClick={(event: MouseEvent) => {
          event.stopPropagation();
          void closeTerminal(session);
        }}
      />
    </div>
  );
}
