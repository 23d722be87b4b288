import { Button, Code, Group, Stack, Switch, Text } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useStore } from "../../hub/store.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { describeExit } from "./exec-outcome.ts";
import type { TerminalSession } from "./terminal-session.ts";
import { setTerminalSettings, terminalSettings } from "./terminal-settings.ts";
import { useExecAllowed } from "./use-exec-allowed.ts";

/** Says how the program of a terminal ended, what that means, and what can be done. */
export function TerminalEnding({ session }: { session: TerminalSession }): ReactNode {
  const state = useStore(session.state);
  const failure = useStore(session.failure);
  const allowance = useExecAllowed(session.target.environmentId, session.target.containerId);
  const { restart } = useStore(terminalSettings);
  if (failure) {
    return (
      <Note
        tone="bad"
        action={
          <Button size="xs" variant="default" onClick={() => location.reload()}>
            Load the page anew
          </Button>
        }
      >
        The terminal cannot be shown: {failure.message}
      </Note>
    );
  }
  const { lost } = session;
  const again = (label: string): ReactNode => (
    <ActionButton
      size="xs"
      variant="default"
      leftSection={<IconPlayerPlay size={14} aria-hidden />}
      allowance={allowance}
      onAct={() => {
        session.start();
        session.focus();
      }}
    >
      {label}
    </ActionButton>
  );
  if (lost) {
    return (
      <Note tone="warn" action={state.phase === "ended" ? again("Start a new shell") : undefined}>
        The shell in {session.target.name}, and what ran in it, ended at {new Date(lost.at).toLocaleTimeString()}.{" "}
        {lost.message} What it wrote until then is kept below; what it wrote after that is lost.
        {state.phase === "ended" && state.outcome.kind === "refused" && ` Last try: ${state.outcome.message}`}
        {state.phase === "starting" && " Starting a new shell."}
        <Switch
          mt={6}
          size="xs"
          label="Start a new shell by itself when the hub and the host are back"
          checked={restart}
          onChange={(event) => setTerminalSettings({ restart: event.currentTarget.checked })}
        />
      </Note>
    );
  }
  if (state.phase !== "ended") return null;
  const { outcome } = state;
  if (outcome.kind === "exited") {
    return (
      <Note tone={outcome.exitCode === 0 ? "idle" : "warn"} action={again("Start again")}>
        {describeExit(outcome.exitCode)}
      </Note>
    );
  }
  return (
    <Note tone="bad" action={again("Try again")}>
      {outcome.message} {outcome.code !== undefined && <Code>{outcome.code}</Code>}
    </Note>
  );
}

function Note(props: { tone: "idle" | "warn" | "bad"; action: ReactNode; children: ReactNode }): ReactNode {
  return (
    <Group className="fl-card" px="sm" py="xs" gap="sm" justify="space-between" wrap="wrap">
      <Group gap="xs" wrap="nowrap" align="flex-start" flex={1} miw={220}>
        <Stack pt={3}>
          <StateMark tone={props.tone}>{""}</StateMark>
        </Stack>
        <Text component="div" fz="sm" style={{ overflowWrap: "anywhere" }}>
          {props.children}
        </Text>
      </Group>
      {props.action}
    </Group>
  );
}
