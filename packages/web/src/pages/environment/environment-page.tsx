import { Button, Group, Skeleton, Stack, Tabs, Title } from "@mantine/core";
import { IconServerOff } from "@tabler/icons-react";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { environments, findEnvironment, useEnvironments } from "../../hub/environments.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { Page } from "../../ui/page.tsx";
import { ConflictNote } from "./conflict-note.tsx";
import { HostFacts } from "./host-facts.tsx";
import { hostState } from "./host-state.ts";
import { HostStateMark } from "./host-state-mark.tsx";
import { Manage } from "./manage/manage.tsx";
import { Overview } from "./overview.tsx";
import { similarNames } from "./similar-names.ts";

const TABS = [
  ["overview", "Overview"],
  ["manage", "Manage"],
] as const;

/** One host: how it is, what is known of it, what can be done to it. */
export function EnvironmentPage(): ReactNode {
  const { env } = useParams({ strict: false }) as { env: string };
  const state = useEnvironments();
  const [tab, setTab] = useSearchText("tab");
  const environment = findEnvironment(state, env);
  if (!environment) {
    if (state.loaded) return <Unknown env={env} names={state.list.map(({ name }) => name)} />;
    return (
      <Page title={env}>
        {state.error ? (
          <ErrorNote error={state.error} title="The host cannot be read" onRetry={() => void environments.load()} />
        ) : (
          <Loading />
        )}
      </Page>
    );
  }
  const light = hostState(environment);
  const value = TABS.some(([id]) => id === tab) ? tab : "overview";
  return (
    <Page
      title={environment.name}
      heading={
        <Group gap="md">
          <Title order={1} style={{ overflowWrap: "anywhere" }}>
            {environment.name}
          </Title>
          <div role="status">
            <HostStateMark state={light} />
          </div>
        </Group>
      }
      description={<HostFacts environment={environment} reason={light.reason} />}
    >
      {environment.conflict && <ConflictNote environment={environment} conflict={environment.conflict} />}
      <Tabs
        value={value}
        onChange={(next) => setTab(next === "overview" || next === null ? "" : next)}
        keepMounted={false}
      >
        <Tabs.List>
          {TABS.map(([id, label]) => (
            <Tabs.Tab key={id} value={id}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview" pt="md">
          <Overview environment={environment} />
        </Tabs.Panel>
        <Tabs.Panel value="manage" pt="md">
          <Manage key={environment.id} environment={environment} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Loading(): ReactNode {
  return (
    <Stack gap="md" aria-hidden>
      <Skeleton h={37} />
      <div className="fl-cards">
        <Skeleton h={230} />
        <Skeleton h={230} />
        <Skeleton h={230} />
      </div>
    </Stack>
  );
}

function Unknown({ env, names }: { readonly env: string; readonly names: readonly string[] }): ReactNode {
  const similar = similarNames(env, names);
  return (
    <Page title="No such host">
      <EmptyState
        icon={IconServerOff}
        title={`There is no host ${/^\d+$/.test(env) ? `with the id ${env}` : `named ${env}`}`}
        action={
          <Group gap="xs" justify="center">
            {similar.map((name) => (
              <Button key={name} component={Link} to={`/environments/${name}`} variant="default">
                {name}
              </Button>
            ))}
            <Button component={Link} to="/">
              To the fleet
            </Button>
          </Group>
        }
      >
        It was removed or renamed, or you may not see it.{similar.length > 0 && " These are called much the same:"}
      </EmptyState>
    </Page>
  );
}
