import { Box, Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";
import type { Network } from "../../docker/networks.ts";
import type { UsingContainer } from "../../docker/using-container.ts";
import { shortId } from "../../ui/format.ts";
import { ContainerLink } from "../resources/used-by.tsx";

/** The picture in words: each network, and who is on it. */
export function MembershipTable({
  environmentName,
  networks,
}: {
  readonly environmentName: string;
  readonly networks: readonly { readonly network: Network; readonly users: readonly UsingContainer[] }[];
}): ReactNode {
  return (
    <Box component="details">
      <summary className="fl-link">The same as a table</summary>
      <Table mt="xs" aria-label={`Networks of ${environmentName} and their containers`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Network</Table.Th>
            <Table.Th scope="col">Containers</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {networks.map(({ network, users }) => (
            <Table.Tr key={network.Id}>
              <Table.Th scope="row" fw={500}>
                <Link
                  to="/environments/$env/networks/$network"
                  params={{ env: environmentName, network: shortId(network.Id) }}
                  className="fl-link"
                >
                  {network.Name}
                </Link>
              </Table.Th>
              <Table.Td>
                {users.length === 0
                  ? "none"
                  : users.map((user, index) => (
                      <Fragment key={user.id}>
                        {index > 0 && ", "}
                        <ContainerLink environmentName={environmentName} container={user} /> ({user.state})
                      </Fragment>
                    ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
