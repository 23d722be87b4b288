import { Button, Group, Menu, Text } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { CONTAINER_ACTIONS } from "../../docker/container-actions.ts";
import type { ContainerRow } from "../../hub/containers.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { useMe } from "../../hub/session.ts";
import { ActionButton, ActionMenuItem } from "../../ui/action-button.tsx";
import { type BulkPlan, planBulk } from "./bulk-plan.ts";
import { confirmPlan } from "./run-action.tsx";
import { formatNumber } from "../../ui/format.ts";

export interface BulkBarProps {
  /** What is ticked. */
  readonly rows: readonly ContainerRow[];
  /** How many of them the filter does not show. */
  readonly hidden: number;
  /** An earlier one is at work: one after the other. */
  readonly isBusy: boolean;
  readonly onRun: (plan: BulkPlan) => void;
  readonly onClear: () => void;
}

/** The most used ones, beside which the others are in a menu. */
const FIRST = new Set(["start", "stop", "restart"]);

/** What can be done with what is ticked: each action with how many it is for. */
export function BulkBar({ rows, hidden, isBusy, onRun, onClear }: BulkBarProps): ReactNode {
  const me = useMe();
  const { byId } = useEnvironments();
  const plans = CONTAINER_ACTIONS.map((action) => planBulk(action, rows, me, byId));
  const item = (plan: BulkPlan) => ({
    key: plan.action.name,
    leftSection: <plan.action.icon size={16} aria-hidden />,
    allowance: isBusy
      ? ({ allowed: false, reason: "Another action is at work. Wait until it is done, or cancel it." } as const)
      : plan.allowance,
    onAct: async () => {
      if (await confirmPlan(plan)) onRun(plan);
    },
    children: `${plan.action.label} ${plan.rows.length}`,
  });
  return (
    <Group gap="xs" role="group" aria-label="Actions on what is ticked">
      <Text fz="sm" fw={600} role="status">
        {formatNumber(rows.length)} ticked
        {hidden > 0 && (
          <Text span c="dimmed" fz="sm">
            , {formatNumber(hidden)} of them not shown
          </Text>
        )}
      </Text>
      {plans
        .filter(({ action }) => FIRST.has(action.name))
        .map((plan) => {
          const { key, ...props } = item(plan);
          return <ActionButton key={key} size="compact-sm" variant="default" {...props} />;
        })}
      <Menu position="bottom-start" width={190}>
        <Menu.Target>
          <Button size="compact-sm" variant="default" leftSection={<IconDots size={16} aria-hidden />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {plans
            .filter(({ action }) => !FIRST.has(action.name))
            .map((plan) => {
              const { key, ...props } = item(plan);
              return (
                <ActionMenuItem
                  key={key}
                  {...props}
                  {...(plan.action.destructive && { className: "fl-menu-danger" })}
                />
              );
            })}
        </Menu.Dropdown>
      </Menu>
      <Button size="compact-sm" variant="subtle" color="gray" onClick={onClear}>
        Untick all
      </Button>
    </Group>
  );
}
