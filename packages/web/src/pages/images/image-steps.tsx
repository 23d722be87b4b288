import { Box, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { ImageStep } from "../../docker/images.ts";
import { Age } from "../../ui/age.tsx";
import { formatBytes } from "../../ui/format.ts";

/** What a build wrote for the builder, not for people. */
function instruction(createdBy: string): string {
  return createdBy
    .replace(/^\/bin\/sh -c #\(nop\)\s+/, "")
    .replace(/^\/bin\/sh -c /, "RUN ")
    .replace(/\s+# buildkit$/, "")
    .trim();
}

/** How the image came to be, newest step first, with what each step added. */
export function ImageSteps({ steps }: { readonly steps: readonly ImageStep[] }): ReactNode {
  const whole = steps.reduce((sum, { Size }) => sum + Size, 0);
  return (
    <Box className="fl-card" style={{ overflowX: "auto" }} tabIndex={0} role="region" aria-label="Layers">
      <Table aria-label="Steps of the image, newest first">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Step</Table.Th>
            <Table.Th scope="col" ta="right" w={100}>
              Size
            </Table.Th>
            <Table.Th scope="col" w={130} visibleFrom="sm">
              Created
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {steps.map(({ CreatedBy, Size, Created, Comment, Tags }, index) => (
            <Table.Tr key={index}>
              <Table.Td>
                <Text className="mono" fz="xs" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
                  {instruction(CreatedBy) || Comment || "(not recorded)"}
                </Text>
                {Tags !== null && Tags.length > 0 && (
                  <Text fz="xs" c="dimmed">
                    {Tags.join(", ")}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right" className="tabular" style={{ whiteSpace: "nowrap" }}>
                {Size === 0 ? (
                  <Text c="dimmed" fz="sm">
                    –
                  </Text>
                ) : (
                  formatBytes(Size)
                )}
              </Table.Td>
              <Table.Td visibleFrom="sm">
                <Age at={Created > 0 ? Created * 1000 : null} fallback="not known" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
        <Table.Tfoot>
          <Table.Tr>
            <Table.Th scope="row">{steps.length === 1 ? "The whole image" : `All ${steps.length} steps`}</Table.Th>
            <Table.Th ta="right" className="tabular">
              {formatBytes(whole)}
            </Table.Th>
            <Table.Th visibleFrom="sm" />
          </Table.Tr>
        </Table.Tfoot>
      </Table>
    </Box>
  );
}
