import { Text } from "@mantine/core";
import { confirm } from "../../ui/confirm.tsx";
import type { TerminalSession } from "./terminal-session.ts";
import { terminals } from "./terminals.ts";

/** Closes a terminal; asks when that ends something. */
export async function closeTerminal(session: TerminalSession): Promise<void> {
  const { target, program, state } = session;
  const isRunning = state.value.phase !== "ended";
  const yes =
    !isRunning ||
    (await confirm({
      title: "Close this terminal?",
      body: (
        <Text fz="sm">
          This ends {program.label} in {target.name} on {target.environmentName}, and what runs in it. What it wrote is
          not kept.
        </Text>
      ),
      action: "Close the terminal",
    }));
  if (yes) terminals.close(session);
}
