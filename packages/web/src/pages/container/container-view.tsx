import { Group, Skeleton, Tabs, Text, Title } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { isFairleadError } from "@fairlead/protocol";
import { IconBoxOff } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import type { ContainerInspect } from "../../docker/container-inspect.ts";
import { toneOf } from "../../docker/container-state.ts";
import { type ContainerRow, useContainers } from "../../hub/containers.ts";
import { Age } from "../../ui/age.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { Page } from "../../ui/page.tsx";
import { StateMark } from "../../ui/state-mark.tsx";
import { HostLink } from "../environment/host-link.tsx";
import { LogView } from "../logs/log-view.tsx";
import { ContainerCharts } from "../metrics/container-charts.tsx";
import { ContainerTerminal } from "../terminal/container-terminal.tsx";
import { ChangesTab } from "./changes-tab.tsx";
import { ContainerActions } from "./container-actions.tsx";
import { stateSentence } from "./state-sentence.ts";
import { FilesTab } from "./files/files-tab.tsx";
import { OverviewTab } from "./overview/overview-tab.tsx";
import { ProcessesTab } from "./processes-tab.tsx";
import { useContainer } from "./use-container.ts";

const TABS = ["overview", "logs", "terminal", "stats", "files", "processes", "changes", "inspect"] as const;
type Tab = (typeof TABS)[number];

interface ContainerViewProps {
  readonly environment: Environment;
  readonly id: string;
  readonly name: string;
  /** As the list has it; undefined when it is gone from there. */
  readonly row: ContainerRow | undefined;
  readonly tab: string;
}

export function ContainerView({ environment, id, name, row, tab }: ContainerViewProps): ReactNode {
  const query = useContainer(environment, id);
  const age = useContainers().ages.get(environment.id);
  const navigate = useNavigate();
  const chosen: Tab = TABS.find((known) => known === tab) ?? "overview";
  const isGone = isFairleadError(query.error, "not_found");
  const inspect = query.data;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On phones the names scroll: the chosen one must be seen.
    list.current?.querySelector(`[data-active]`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [chosen, isGone]);
  const summary = row?.container ?? (inspect && { State: inspect.State.Status, Status: stateSentence(inspect.State) });

  const heading = (
    <Group gap="sm">
      <Title order={1} style={{ overflowWrap: "anywhere" }}>
        {name}
      </Title>
      {isGone ? (
        <StateMark tone="idle">gone</StateMark>
      ) : (
        summary && <StateMark tone={toneOf(summary)}>{summary.Status || summary.State}</StateMark>
      )}
    </Group>
  );
  const description = (
    <Group gap="xs" component="span">
      <span>
        on <HostLink name={environment.name} />
      </span>
      <span className="mono" style={{ overflowWrap: "anywhere" }}>
        {inspect?.Config.Image ?? row?.container.Image}
      </span>
      {age?.live === false && (
        <span className="fl-text-warn">
          as of <Age at={age.at} />: {age.error ?? "the host is away"}
        </span>
      )}
    </Group>
  );
  if (isGone)
    return (
      <Page title={name} heading={heading} description={description}>
        <Gone environment={environment} id={id} name={name} />
      </Page>
    );
  const fill = chosen !== "overview";
  return (
    <Page
      title={name}
      heading={heading}
      description={description}
      fill={fill}
      actions={
        <ContainerActions environment={environment} id={id} name={name} inspect={inspect} state={summary?.State} />
      }
    >
      <Tabs
        value={chosen}
        onChange={(next) => {
          const to = next === "overview" ? "" : `/${next}`;
          void navigate({ to: `/environments/${environment.name}/containers/${id.slice(0, 12)}${to}` } as never);
        }}
        keepMounted={false}
        className={fill ? "fl-tabs-fill" : undefined}
      >
        <Tabs.List ref={list} className="fl-tabs-list" mb="md">
          {TABS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {one[0]?.toUpperCase()}
              {one.slice(1)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={chosen}>
          {query.error && (
            <ErrorNote error={query.error} title={`${name} cannot be read`} onRetry={() => void query.refetch()} />
          )}
          <Content
            tab={chosen}
            environment={environment}
            id={id}
            name={name}
            inspect={inspect}
            failed={query.error !== null}
            state={summary?.State}
          />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

interface ContentProps {
  readonly tab: Tab;
  readonly environment: Environment;
  readonly id: string;
  readonly name: string;
  readonly inspect: ContainerInspect | undefined;
  readonly failed: boolean;
  readonly state: string | undefined;
}

function Content({ tab, environment, id, name, inspect, failed, state }: ContentProps): ReactNode {
  const isRunning = state === "running" || state === "paused";
  switch (tab) {
    case "logs":
      return (
        <LogView
          sources={[{ environmentId: environment.id, environmentName: environment.name, containerId: id, name }]}
        />
      );
    case "terminal":
      return <ContainerTerminal environment={environment} containerId={id} name={name} running={state === "running"} />;
    case "stats":
      return <ContainerCharts environment={environment} containerId={id} />;
    case "files":
      return <FilesTab environment={environment} id={id} name={name} running={state === "running"} />;
    case "processes":
      return <ProcessesTab environment={environment} id={id} name={name} running={isRunning} />;
    case "changes":
      return <ChangesTab environment={environment} id={id} name={name} />;
    default:
      if (!inspect)
        return failed ? null : environment.engine.state === "down" || environment.link.state === "down" ? (
          <Away name={environment.name} />
        ) : (
          <Skeleton h={320} />
        );
      return tab === "inspect" ? (
        <JsonView value={inspect} label={`What the engine tells of ${name}`} />
      ) : (
        <OverviewTab environment={environment} inspect={inspect} />
      );
  }
}

function Away({ name }: { readonly name: string }): ReactNode {
  return (
    <Text fz="sm" c="dimmed">
      {name} is away: what this container is made of can be read when it is back. The page goes on by itself.
    </Text>
  );
}

function Gone({
  environment,
  id,
  name,
}: {
  readonly environment: Environment;
  readonly id: string;
  readonly name: string;
}): ReactNode {
  const { rows } = useContainers();
  const heir = rows.find((row) => row.environmentId === environment.id && row.name === name && row.container.Id !== id);
  return (
    <EmptyState
      icon={IconBoxOff}
      title="This container was removed"
      action={
        heir ? (
          <Link
            to="/environments/$env/containers/$container"
            params={{ env: environment.name, container: heir.container.Id.slice(0, 12) }}
            className="fl-link"
          >
            To the container that is now called {name}
          </Link>
        ) : (
          <Link to="/containers" search={{ q: `host:${environment.name}` }} className="fl-link">
            All containers of {environment.name}
          </Link>
        )
      }
    >
      {name} ({id.slice(0, 12)}) is not on {environment.name} any more.
      {heir ? " Another one has its name." : " Nothing else there has its name."}
    </EmptyState>
  );
}
