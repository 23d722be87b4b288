import { Box, List, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { ContainerRow } from "../../hub/containers.ts";
import { confirm } from "../../ui/confirm.tsx";
import { count } from "../../ui/format.ts";
import { notifyDone, notifyFailed } from "../../ui/notify.tsx";
import type { BulkPlan } from "./bulk-plan.ts";

function whatItDoes({ action, rows }: BulkPlan): string {
  const isOne = rows.length === 1;
  if (action.name === "remove") {
    return isOne
      ? "If it runs it is killed first. What was written into it is lost; its volumes stay."
      : "Those that run are killed first. What was written into them is lost; their volumes stay.";
  }
  return `${isOne ? "It is" : "They are"} ended at once, without the time to finish what ${isOne ? "it does" : "they do"}.`;
}

/** Asks before what destroys something, naming all that it is done to. Everything else is done without asking. */
export async function confirmPlan(plan: BulkPlan): Promise<boolean> {
  const { action, rows, forbidden } = plan;
  if (!action.destructive) return true;
  const containers = count(rows.length, "container");
  return confirm({
    title: `${action.label} ${containers}`,
    action: `${action.label} ${containers}`,
    body: (
      <Stack gap="sm">
        <Text fz="sm">{whatItDoes(plan)}</Text>
        <Names label={`To ${action.label.toLowerCase()}`} rows={rows} />
        {forbidden.length > 0 && (
          <>
            <Text fz="sm">Left alone, since you may not, or their hosts are away:</Text>
            <Names label="Left alone" rows={forbidden.map(({ row }) => row)} />
          </>
        )}
      </Stack>
    ),
  });
}

function Names({ label, rows }: { label: string; rows: readonly ContainerRow[] }): ReactNode {
  return (
    <Box
      className="fl-card"
      p="xs"
      mah={220}
      style={{ overflow: "auto" }}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <List size="sm" listStyleType="none" aria-label={label}>
        {rows.map(({ key, name, environmentName }) => (
          <List.Item key={key} style={{ overflowWrap: "anywhere" }}>
            <b>{name}</b> on {environmentName}
          </List.Item>
        ))}
      </List>
    </Box>
  );
}

/** The action on the one container of a plan; says how it went. */
export async function runOnOne(plan: BulkPlan): Promise<void> {
  const [row] = plan.rows;
  if (!row || !(await confirmPlan(plan))) return;
  const { action } = plan;
  try {
    await action.run(row.environmentId, row.container.Id);
    notifyDone(`${row.name} on ${row.environmentName} ${action.done}`);
  } catch (error) {
    notifyFailed(`${action.doing} ${row.name} on ${row.environmentName}`, error);
  }
}
