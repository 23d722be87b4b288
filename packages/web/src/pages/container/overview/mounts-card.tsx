import { Box, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { MountPoint } from "../../../docker/container-inspect.ts";
import { Card } from "./card.tsx";

interface MountsCardProps {
  readonly environment: Environment;
  readonly mounts: readonly MountPoint[];
}

export function MountsCard({ environment, mounts }: MountsCardProps): ReactNode {
  return (
    <Card title="Mounts">
      {mounts.length === 0 && (
        <Text fz="sm" c="dimmed">
          Nothing is mounted: what it writes is gone with it.
        </Text>
      )}
      <Stack gap="sm" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {mounts.map((mount) => (
          <Box component="li" key={mount.Destination} style={{ overflowWrap: "anywhere" }}>
            <Text fz="sm" className="mono">
              {mount.Destination}
            </Text>
            <Text fz="sm" c="dimmed">
              {mount.Type === "bind" ? "folder of the host" : mount.Type}{" "}
              {mount.Type === "volume" && mount.Name ? (
                <Link
                  to="/environments/$env/volumes/$volume"
                  params={{ env: environment.name, volume: mount.Name }}
                  className="fl-link mono"
                >
                  {mount.Name}
                </Link>
              ) : (
                <span className="mono">{mount.Source}</span>
              )}
              , {mount.RW ? "read and write" : "read only"}
              {mount.Driver && mount.Driver !== "local" ? `, driver ${mount.Driver}` : ""}
            </Text>
          </Box>
        ))}
      </Stack>
    </Card>
  );
}
