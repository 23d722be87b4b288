import { Alert, Box, SimpleGrid, Stack } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconShieldExclamation } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { ContainerInspect } from "../../../docker/container-inspect.ts";
import { CommandCard } from "./command-card.tsx";
import { EnvironmentCard } from "./environment-card.tsx";
import { HealthCard } from "./health-card.tsx";
import { hostAccess } from "./host-access.ts";
import { LabelsCard } from "./labels-card.tsx";
import { LimitsCard } from "./limits-card.tsx";
import { MountsCard } from "./mounts-card.tsx";
import { NetworksCard } from "./networks-card.tsx";
import { StateCard } from "./state-card.tsx";

interface OverviewTabProps {
  readonly environment: Environment;
  readonly inspect: ContainerInspect;
}

/** What a container is made of, and how it does. */
export function OverviewTab({ environment, inspect }: OverviewTabProps): ReactNode {
  const access = hostAccess(inspect);
  return (
    <Stack gap="md">
      {access.length > 0 && (
        <Alert
          color="orange"
          variant="light"
          icon={<IconShieldExclamation aria-hidden />}
          title="It has more of its host than a container has"
        >
          <Box component="ul" m={0} pl="md" style={{ overflowWrap: "anywhere" }}>
            {access.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </Box>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: "start" }}>
        <Stack gap="md" miw={0}>
          <StateCard inspect={inspect} />
          {inspect.State.Health && inspect.State.Health.Status !== "none" && (
            <HealthCard health={inspect.State.Health} />
          )}
          <NetworksCard environment={environment} inspect={inspect} />
          <MountsCard environment={environment} mounts={inspect.Mounts ?? []} />
        </Stack>
        <Stack gap="md" miw={0}>
          <CommandCard environment={environment} inspect={inspect} />
          <LimitsCard inspect={inspect} />
          <EnvironmentCard lines={inspect.Config.Env ?? []} />
          <LabelsCard labels={inspect.Config.Labels ?? {}} />
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}
