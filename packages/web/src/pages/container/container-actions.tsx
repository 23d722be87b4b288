import { ActionIcon, Menu } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconAdjustments, IconDotsVertical, IconPencil, IconReplace } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { type ContainerAction, CONTAINER_ACTIONS, containerAction } from "../../docker/container-actions.ts";
import type { ContainerInspect } from "../../docker/container-inspect.ts";
import { actionAllowance, type Allowance } from "../../hub/access.ts";
import { queryClient } from "../../hub/client.ts";
import { useMe } from "../../hub/session.ts";
import { ActionButton, ActionMenuItem } from "../../ui/action-button.tsx";
import { confirm } from "../../ui/confirm.tsx";
import { notifyDone, notifyFailed } from "../../ui/notify.tsx";
import { EditDialog } from "./edit/edit-dialog.tsx";
import { RecreateDialog } from "./recreate/recreate-dialog.tsx";
import { recreateRefusal } from "./recreate/recreate-refusal.ts";
import { RenameDialog } from "./rename-dialog.tsx";
import { questionBefore } from "./question-before.tsx";
import { containerKeyOf } from "./use-container.ts";

export interface ContainerActionsProps {
  readonly environment: Environment;
  readonly id: string;
  readonly name: string;
  readonly inspect: ContainerInspect | undefined;
  /** As the engine names it: `running`. */
  readonly state: string | undefined;
}

/** What can be done to a container: the usual as buttons, the rest in a menu. */
export function ContainerActions({ environment, id, name, inspect, state }: ContainerActionsProps): ReactNode {
  const me = useMe();
  const [dialog, setDialog] = useState<"rename" | "edit" | "recreate">();
  const close = (): void => setDialog(undefined);

  const allowanceOf = (action: ContainerAction): Allowance => {
    const allowed = actionAllowance(me, action.permission, environment);
    if (!allowed.allowed || state === undefined || action.from.includes(state)) return allowed;
    return {
      allowed: false,
      reason: `${name} is ${state}. ${action.label} is for containers that are ${listed(action.from)}.`,
    };
  };
  const act = async (action: ContainerAction): Promise<void> => {
    if (action.destructive && !(await confirm(questionBefore(action, { environment, name, inspect, state })))) return;
    try {
      await action.run(environment.id, id);
      notifyDone(`${name} ${action.done}`);
    } catch (error) {
      notifyFailed(`${action.doing} ${name}`, error);
    }
    void queryClient.invalidateQueries({ queryKey: containerKeyOf(environment.id, id) });
  };
  const update = withInspect(actionAllowance(me, "container.update", environment), inspect);
  const recreating = recreateAllowance(me, environment, inspect);
  const isAtRest = state === "exited" || state === "created" || state === "dead";
  const first = containerAction(isAtRest ? "start" : state === "paused" ? "unpause" : "stop");
  const rest = CONTAINER_ACTIONS.filter(({ name: one }) => one !== first.name && one !== "restart");
  return (
    <>
      {[first, containerAction("restart")].map((action) => (
        <ActionButton
          key={action.name}
          size="xs"
          variant={action === first && isAtRest ? "filled" : "default"}
          leftSection={<action.icon size={15} aria-hidden />}
          allowance={allowanceOf(action)}
          onAct={() => act(action)}
        >
          {action.label}
        </ActionButton>
      ))}
      <Menu position="bottom-end" width={220} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={`More actions on ${name}`}>
            <IconDotsVertical size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {rest.map((action) => (
            <ActionMenuItem
              key={action.name}
              allowance={allowanceOf(action)}
              onAct={() => void act(action)}
              leftSection={<action.icon size={16} aria-hidden />}
              {...(action.destructive ? { c: "var(--fl-bad)" } : {})}
            >
              {action.label}
            </ActionMenuItem>
          ))}
          <Menu.Divider />
          <ActionMenuItem
            allowance={update}
            onAct={() => setDialog("rename")}
            leftSection={<IconPencil size={16} aria-hidden />}
          >
            Rename
          </ActionMenuItem>
          <ActionMenuItem
            allowance={update}
            onAct={() => setDialog("edit")}
            leftSection={<IconAdjustments size={16} aria-hidden />}
          >
            Limits and restarts
          </ActionMenuItem>
          <ActionMenuItem
            allowance={recreating}
            onAct={() => setDialog("recreate")}
            leftSection={<IconReplace size={16} aria-hidden />}
          >
            Recreate with changes
          </ActionMenuItem>
        </Menu.Dropdown>
      </Menu>
      {dialog === "rename" && <RenameDialog environment={environment} id={id} name={name} onClose={close} />}
      {dialog === "edit" && inspect && (
        <EditDialog environment={environment} name={name} inspect={inspect} onClose={close} />
      )}
      {dialog === "recreate" && inspect && (
        <RecreateDialog environment={environment} name={name} inspect={inspect} onClose={close} />
      )}
    </>
  );
}

/** What replacing a container takes; to remove, since a new one that fails is removed again. */
const RECREATE_NEEDS = [
  "container.create",
  "container.update",
  "container.stop",
  "container.start",
  "container.remove",
] as const;

function recreateAllowance(
  me: ReturnType<typeof useMe>,
  environment: Environment,
  inspect: ContainerInspect | undefined,
): Allowance {
  const refused = RECREATE_NEEDS.map((permission) => actionAllowance(me, permission, environment)).find(
    ({ allowed }) => !allowed,
  );
  const reason = inspect && recreateRefusal(inspect);
  if (refused) return refused;
  return reason === undefined ? withInspect({ allowed: true }, inspect) : { allowed: false, reason };
}

function withInspect(allowance: Allowance, inspect: ContainerInspect | undefined): Allowance {
  if (!allowance.allowed || inspect) return allowance;
  return { allowed: false, reason: "What it is made of is not read yet." };
}

function listed(states: readonly string[]): string {
  return states.length < 2 ? (states[0] ?? "") : `${states.slice(0, -1).join(", ")} or ${states.at(-1)}`;
}
