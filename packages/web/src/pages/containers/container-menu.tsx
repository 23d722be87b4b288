import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconFileText, IconListSearch, IconTerminal2 } from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { CONTAINER_ACTIONS } from "../../docker/container-actions.ts";
import { actionAllowance } from "../../hub/access.ts";
import type { ContainerRow } from "../../hub/containers.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { useMe } from "../../hub/session.ts";
import { ActionMenuItem } from "../../ui/action-button.tsx";
import { planBulk } from "./bulk-plan.ts";
import { containerPath } from "./container-path.ts";
import { runOnOne } from "./run-action.tsx";

/** What can be done with one container. The menu is made when it is opened: there are dozens of rows. */
export function ContainerMenu({ row }: { readonly row: ContainerRow }): ReactNode {
  const [isUsed, setUsed] = useState(false);
  const label = `Actions of ${row.name} on ${row.environmentName}`;
  const icon = <IconDots size={18} aria-hidden />;
  if (!isUsed) {
    return (
      <button
        type="button"
        className="fl-icon-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={false}
        onClick={() => setUsed(true)}
      >
        {icon}
      </button>
    );
  }
  return (
    <Menu defaultOpened position="bottom-end" width={190} onClose={() => setUsed(false)} returnFocus>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={label}>
          {icon}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Items row={row} />
      </Menu.Dropdown>
    </Menu>
  );
}

function Items({ row }: { readonly row: ContainerRow }): ReactNode {
  const me = useMe();
  const { byId } = useEnvironments();
  const router = useRouter();
  const environment = byId.get(row.environmentId);
  const isRunning = row.container.State === "running";
  const links = [
    { tab: "logs", label: "Logs", icon: IconFileText, allowance: actionAllowance(me, "container.logs", environment) },
    {
      tab: "terminal",
      label: "Terminal",
      icon: IconTerminal2,
      allowance: isRunning
        ? actionAllowance(me, "container.exec", environment)
        : ({ allowed: false, reason: `${row.name} is ${row.container.State}.` } as const),
    },
    {
      tab: "inspect",
      label: "Inspect",
      icon: IconListSearch,
      allowance: actionAllowance(me, "container.view", environment),
    },
  ];
  return (
    <>
      {links.map(({ tab, label, icon: IconOf, allowance }) => (
        <ActionMenuItem
          key={tab}
          leftSection={<IconOf size={16} aria-hidden />}
          allowance={allowance}
          onAct={() => void router.navigate({ to: containerPath(row, tab) })}
        >
          {label}
        </ActionMenuItem>
      ))}
      <Menu.Divider />
      {CONTAINER_ACTIONS.map((action) => {
        const plan = planBulk(action, [row], me, byId);
        return (
          <ActionMenuItem
            key={action.name}
            leftSection={<action.icon size={16} aria-hidden />}
            allowance={plan.allowance}
            {...(action.destructive && { className: "fl-menu-danger" })}
            onAct={() => void runOnOne(plan)}
          >
            {action.label}
          </ActionMenuItem>
        );
      })}
    </>
  );
}
