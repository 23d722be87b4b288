import { Anchor, Skeleton, Stack } from "@mantine/core";
import { IconBoxOff, IconServerOff } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useRef } from "react";
import { useContainers } from "../../hub/containers.ts";
import { useEnvironment, useEnvironments } from "../../hub/environments.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { Page } from "../../ui/page.tsx";
import { ContainerView } from "./container-view.tsx";
import { resolveContainer } from "./resolve-container.ts";

/** One container: found by the address's id, start of an id, or name, and followed as long as it is there. */
export function ContainerPage(): ReactNode {
  const { env = "", container: ref = "", tab = "overview" } = useParams({ strict: false });
  const environments = useEnvironments();
  const environment = useEnvironment(env);
  const { loaded, error, rows } = useContainers();
  const row = environment && resolveContainer(rows, environment.id, ref);
  // Once found, it stays the one that is shown, so that the page can say what became of it.
  const known = useRef<{ readonly of: string; readonly id: string; readonly name: string }>(undefined);
  const place = `${env}/${ref}`;
  if (row) known.current = { of: place, id: row.container.Id, name: row.name };
  const last = known.current?.of === place ? known.current : undefined;

  if (environments.error) return frame(ref, <ErrorNote error={environments.error} title="The hosts cannot be read" />);
  if (error) return frame(ref, <ErrorNote error={error} title="The containers cannot be read" />);
  if (!environments.loaded || !loaded) return frame(ref, <Loading />);
  if (!environment) {
    return frame(
      ref,
      <EmptyState icon={IconServerOff} title={`There is no environment ${env}`}>
        It may have been renamed or removed, or is not one that you may see.{" "}
        <Link to="/" className="fl-link">
          The fleet
        </Link>{" "}
        has those that are there.
      </EmptyState>,
    );
  }
  const id = row?.container.Id ?? last?.id;
  if (id === undefined) {
    return frame(
      ref,
      <EmptyState icon={IconBoxOff} title={`There is no container ${ref} on ${environment.name}`}>
        It was removed, or is called otherwise.{" "}
        <Anchor component={Link} to="/containers" search={{ filter: `host:${environment.name}` }}>
          All containers of {environment.name}
        </Anchor>
      </EmptyState>,
    );
  }
  const name = row?.name ?? last?.name ?? ref;
  return <ContainerView key={id} environment={environment} id={id} name={name} row={row} tab={tab} />;
}

function frame(title: string, children: ReactNode): ReactNode {
  return <Page title={title}>{children}</Page>;
}

function Loading(): ReactNode {
  return (
    <Stack gap="md" aria-label="Loading" role="status">
      <Skeleton h={36} />
      <Skeleton h={220} />
      <Skeleton h={160} />
    </Stack>
  );
}
