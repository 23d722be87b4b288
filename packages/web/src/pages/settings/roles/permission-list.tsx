import { Box, Text } from "@mantine/core";
import { PERMISSIONS, type Permission } from "@fairlead/protocol";
import type { ReactNode } from "react";
import { groupsOf } from "./permission-groups.ts";

/** What a role holds, each with what it allows. */
export function PermissionList({ permissions }: { permissions: readonly Permission[] }): ReactNode {
  return groupsOf(permissions).map(({ thing, permissions: held }) => (
    <Box key={thing} mb="sm">
      <Text fw={600} fz="xs" tt="capitalize">
        {thing}
      </Text>
      {held.map((permission) => (
        <Text key={permission} fz="sm">
          <span className="mono">{permission}</span>{" "}
          <Text span c="dimmed" fz="sm">
            {PERMISSIONS[permission]}
          </Text>
        </Text>
      ))}
    </Box>
  ));
}
