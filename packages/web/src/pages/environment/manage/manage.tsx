import { Stack } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import type { ReactNode } from "react";
import { AgentTokenCard } from "./agent-token-card.tsx";
import { RemoveCard } from "./remove-card.tsx";
import { SettingsCard } from "./settings-card.tsx";

/** What can be changed of an environment. */
export function Manage({ environment }: { readonly environment: Environment }): ReactNode {
  return (
    <Stack gap="md" maw={860}>
      <SettingsCard environment={environment} />
      {environment.kind === "edge" && <AgentTokenCard environment={environment} />}
      <RemoveCard environment={environment} />
    </Stack>
  );
}
