import { Stack } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useMemo } from "react";
import { HostsView } from "./hosts-view.tsx";

/** CPU, memory, disk and network of one host, from minutes to 30 days. */
export function HostCharts({ environment }: { readonly environment: Environment }): ReactNode {
  const { id, name } = environment;
  // Charts care for which host it is, not for what its lights do.
  const hosts = useMemo(() => [environment], [id, name]);
  return (
    <Stack gap="sm">
      <HostsView hosts={hosts} />
    </Stack>
  );
}
