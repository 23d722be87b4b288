import { Skeleton, Stack } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconBoxOff, IconServerOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { inspectContainer } from "../../docker/container-calls.ts";
import { type ContainerRow, useContainers } from "../../hub/containers.ts";
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
  if (environments.error && !environments.loaded)
    return frame(ref, <ErrorNote error={environments.error} title="The hosts cannot be read" />);
  if (error && !loaded) return frame(ref, <ErrorNote error={error} title="The containers cannot be read" />);
  if (!environments.loaded || !loaded) return frame(ref, <Loading />);
  if (!environment) {
    return frame(
      ref,
      <EmptyState
        icon={IconServerOff}
        title={`There is no environment ${env}`}
        action={
          <Link to="/" className="fl-link">
            To the fleet
          </Link>
        }
      >
        It may have been renamed or removed, or is not one that you may see.
      </EmptyState>,
    );
  }
  return <Found key={`${environment.id}/${ref}`} environment={environment} reference={ref} tab={tab} rows={rows} />;
}

interface FoundProps {
  readonly environment: Environment;
  readonly reference: string;
  readonly tab: string;
  readonly rows: readonly ContainerRow[];
}

/** Once found, it stays the one that is shown, whoever gets its name: so the page can say what became of it. */
function Found({ environment, reference, tab, rows }: FoundProps): ReactNode {
  const [found, setFound] = useState<ContainerRow>();
  const row = found ? rows.find(({ key }) => key === found.key) : resolveContainer(rows, environment.id, reference);
  if (row !== undefined && row !== found) setFound(row);
  const known = row ?? found;
  if (known === undefined) return <Unlisted environment={environment} reference={reference} tab={tab} />;
  return <ContainerView environment={environment} id={known.container.Id} name={known.name} row={row} tab={tab} />;
}

interface UnlistedProps {
  readonly environment: Environment;
  readonly reference: string;
  readonly tab: string;
}

/** What the list does not have (yet), the engine may: one that was made a moment ago. */
function Unlisted({ environment, reference, tab }: UnlistedProps): ReactNode {
  const query = useQuery({
    queryKey: ["container", environment.id, "unlisted", reference],
    queryFn: ({ signal }) => inspectContainer(environment.id, reference, signal),
    enabled: environment.engine.state !== "down" && environment.link.state !== "down",
  });
  if (query.data) {
    const { Id, Name } = query.data;
    return <ContainerView environment={environment} id={Id} name={Name.slice(1)} row={undefined} tab={tab} />;
  }
  if (query.isFetching) return frame(reference, <Loading />);
  return frame(
    reference,
    <EmptyState
      icon={IconBoxOff}
      title={`There is no container ${reference} on ${environment.name}`}
      action={
        <Link to="/containers" search={{ q: `host:${environment.name}` }} className="fl-link">
          All containers of {environment.name}
        </Link>
      }
    >
      It was removed, or is called otherwise.
    </EmptyState>,
  );
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
