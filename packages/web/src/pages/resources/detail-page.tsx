import { Box, Group, Skeleton, Stack, Tabs, Title } from "@mantine/core";
import type { EnvironmentPermission } from "@fairlead/protocol";
import type { Environment } from "@fairlead/protocol/rest";
import { IconRefresh, IconServer2 } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { useEnvironment, useEnvironments } from "../../hub/environments.ts";
import { ActionIconButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { Page } from "../../ui/page.tsx";
import { HostLink } from "../environment/host-link.tsx";
import { useHostList } from "./host-lists.ts";

export interface DetailTab<T> {
  readonly id: string;
  readonly label: string;
  readonly content: (value: T) => ReactNode;
}

export interface DetailPageProps<T> {
  /** Name or id of the environment, as it stands in the address. */
  readonly env: string;
  /** "image". */
  readonly noun: string;
  /** What the address calls it; a key of the cache, too. */
  readonly id: string;
  readonly permission: EnvironmentPermission;
  readonly list: { readonly to: "/images" | "/volumes" | "/networks"; readonly label: string };
  readonly read: (environment: Environment, signal: AbortSignal) => Promise<T>;
  readonly title: (value: T) => string;
  readonly actions: (value: T, environment: Environment, refresh: () => Promise<void>) => ReactNode;
  readonly tabs: (environment: Environment) => readonly DetailTab<T>[];
  /** The engine's document of it. */
  readonly inspect: (value: T) => unknown;
}

/** One thing of one host: its parts in tabs, the engine's own document as the last. */
export function DetailPage<T>(props: DetailPageProps<T>): ReactNode {
  const { env, noun, id, permission, list, read, title, actions, tabs, inspect } = props;
  const { loaded, error } = useEnvironments();
  const environment = useEnvironment(env);
  const { data, at, reading, problem, refresh } = useHostList(environment, { key: `${noun} ${id}`, permission, read });
  const [tab, setTab] = useSearchText("tab");
  const name = data === undefined ? id : title(data);
  const heading = (
    <Box miw={0}>
      <Group gap="xs" fz="xs" c="dimmed">
        <Link to={list.to} className="fl-link">
          {list.label}
        </Link>
        <span>on</span>
        {environment === undefined ? <span>{env}</span> : <HostLink name={environment.name} />}
        {at !== undefined && (
          <span>
            · read <Age at={at} />
          </span>
        )}
      </Group>
      <Title order={1} style={{ overflowWrap: "anywhere" }}>
        {name}
      </Title>
    </Box>
  );
  if (environment === undefined) {
    return (
      <Page title={name} heading={heading}>
        {error && <ErrorNote error={error} title="The list of environments cannot be read" />}
        {loaded ? (
          <EmptyState icon={IconServer2} title={`No host is called ${env}`}>
            It was removed or renamed, or you may not see it.
          </EmptyState>
        ) : (
          <Skeleton h={240} />
        )}
      </Page>
    );
  }
  const all: readonly DetailTab<T>[] = [
    ...tabs(environment),
    {
      id: "inspect",
      label: "Inspect",
      content: (value) => (
        <Box style={{ flex: 1, minHeight: 320, display: "flex", flexDirection: "column" }}>
          <JsonView value={inspect(value)} label={`The engine's document of ${name}`} />
        </Box>
      ),
    },
  ];
  const shown = all.find((one) => one.id === tab) ?? all[0];
  return (
    <Page
      title={name}
      heading={heading}
      fill={shown?.id === "inspect"}
      actions={
        <>
          {data !== undefined && actions(data, environment, refresh)}
          <ActionIconButton label="Read again" onAct={() => refresh()}>
            <IconRefresh size={16} aria-hidden />
          </ActionIconButton>
        </>
      }
    >
      {problem !== undefined && (
        <ErrorNote
          error={problem}
          title={data === undefined ? `This ${noun} cannot be read` : `What you see of this ${noun} may be old`}
          {...(reading ? {} : { onRetry: () => void refresh() })}
        />
      )}
      {data === undefined ? (
        problem === undefined && (
          <Stack gap="md" aria-busy aria-label={`Reading the ${noun}`}>
            <Skeleton h={34} w={260} />
            <Skeleton h={220} />
          </Stack>
        )
      ) : (
        <Tabs
          value={shown?.id ?? ""}
          onChange={(value) => setTab(value === all[0]?.id ? "" : (value ?? ""))}
          keepMounted={false}
          {...(shown?.id === "inspect"
            ? { style: { flex: 1, minHeight: 0, display: "flex", flexDirection: "column" } }
            : {})}
        >
          <Tabs.List mb="md">
            {all.map(({ id, label }) => (
              <Tabs.Tab key={id} value={id}>
                {label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {all.map(({ id, content }) => (
            <Tabs.Panel
              key={id}
              value={id}
              {...(id === "inspect" && shown?.id === id
                ? { style: { flex: 1, minHeight: 0, display: "flex", flexDirection: "column" } }
                : {})}
            >
              {content(data)}
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
    </Page>
  );
}

/** A part of a page of details. */
export function Section({
  title,
  children,
  aside,
}: {
  readonly title: string;
  readonly children: ReactNode;
  readonly aside?: ReactNode;
}): ReactNode {
  return (
    <Stack component="section" className="fl-card" p="md" gap="sm" miw={0} aria-label={title}>
      <Group justify="space-between" gap="sm">
        <Title order={2} fz="md">
          {title}
        </Title>
        {aside}
      </Group>
      {children}
    </Stack>
  );
}
