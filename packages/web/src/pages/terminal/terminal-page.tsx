import { Button, Skeleton } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { IconPlus, IconTerminal2 } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { type Allowance, holds } from "../../hub/access.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { useMe } from "../../hub/session.ts";
import { useStore } from "../../hub/store.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { Page } from "../../ui/page.tsx";
import { NewTerminalDialog } from "./new-terminal-dialog.tsx";
import { TerminalTabs } from "./terminal-tabs.tsx";
import { MAX_TERMINALS, terminals } from "./terminals.ts";
import { useLinkedTerminal } from "./use-linked-terminal.ts";

/** All open terminals. The address names the container of the one that is looked at: it opens one there. */
export function TerminalPage(): ReactNode {
  const sessions = useStore(terminals.store);
  const selectedId = useStore(terminals.selected);
  const selected = sessions.find(({ id }) => id === selectedId) ?? sessions.at(-1);
  const [choosing, setChoosing] = useState(false);
  const allowance = useNewAllowance(sessions.length);
  const linked = useLinkedTerminal();
  useAddressOf(linked.pending ? undefined : selected?.target);
  return (
    <Page
      fill
      title="Terminals"
      actions={
        <ActionButton
          size="xs"
          leftSection={<IconPlus size={15} aria-hidden />}
          allowance={allowance}
          onAct={() => setChoosing(true)}
        >
          New terminal
        </ActionButton>
      }
    >
      {linked.error && <ErrorNote error={linked.error} />}
      {selected ? (
        <TerminalTabs
          sessions={sessions}
          selected={selected}
          onSelect={({ id }) => terminals.selected.set(id)}
          onNew={() => setChoosing(true)}
          newAllowance={allowance}
        />
      ) : linked.pending ? (
        <Skeleton flex={1} />
      ) : (
        <EmptyState
          icon={IconTerminal2}
          title="No terminal is open"
          action={allowance.allowed && <Button onClick={() => setChoosing(true)}>New terminal</Button>}
        >
          {allowance.allowed
            ? `A terminal runs a shell in a container. Up to ${MAX_TERMINALS} stay open while you look at other pages; they end when this page is closed.`
            : allowance.reason}
        </EmptyState>
      )}
      <NewTerminalDialog opened={choosing} onClose={() => setChoosing(false)} />
    </Page>
  );
}

function useNewAllowance(open: number): Allowance {
  const me = useMe();
  const { list, loaded } = useEnvironments();
  if (open >= MAX_TERMINALS)
    return { allowed: false, reason: `${MAX_TERMINALS} terminals are open, which is the most. Close one.` };
  if (me === undefined || !loaded) return { allowed: false, reason: "Not known yet whether you may." };
  return list.some((environment) => holds(me.grants, "container.exec", environment))
    ? { allowed: true }
    : { allowed: false, reason: "You may not: it needs container.exec on a host. An admin can give it to you." };
}

/** Keeps the address of the page that of the terminal that is looked at. */
function useAddressOf(target: { readonly environmentName: string; readonly name: string } | undefined): void {
  const { env, container } = useSearch({ strict: false }) as { env?: string; container?: string };
  const navigate = useNavigate();
  const [name, host] = [target?.name, target?.environmentName];
  useEffect(() => {
    if (name === undefined || (env === host && container === name)) return;
    void navigate({ to: ".", search: { env: host, container: name }, replace: true } as never);
  }, [env, container, host, name, navigate]);
}
