import { MultiSelect, Skeleton } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconChartLine } from "@tabler/icons-react";
import { type ReactNode, useMemo } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { type EnvironmentsState, findEnvironment, useEnvironments } from "../../hub/environments.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { Page } from "../../ui/page.tsx";
import { HostsView } from "./hosts-view.tsx";

/** Lines in one chart: more cannot be told apart. */
const MAX_HOSTS = 12;
/** Of a hub with many hosts the first ones are shown until some are chosen. */
const DEFAULT_HOSTS = 4;

/** Figures of hosts over time; hosts and time are in the address. */
export function MetricsPage(): ReactNode {
  const environments = useEnvironments();
  const [text, setText] = useSearchText("hosts");
  const names = useMemo(() => chosenNames(environments, text).join(","), [environments, text]);
  // Charts care for hosts, not for what their lights do.
  const chosen = useMemo(
    () =>
      names
        .split(",")
        .map((name) => environments.list.find((environment) => environment.name === name))
        .filter((environment): environment is Environment => environment !== undefined),
    [names],
  );
  return (
    <Page title="Metrics">
      {environments.error && <ErrorNote error={environments.error} />}
      {!environments.loaded ? (
        <Skeleton h={320} />
      ) : environments.list.length === 0 ? (
        <EmptyState icon={IconChartLine} title="There are no hosts yet">
          Add an environment in the settings. The figures of its host appear here as soon as its agent sends them.
        </EmptyState>
      ) : (
        <>
          <MultiSelect
            label="Hosts"
            data={environments.list.map(({ name }) => name)}
            value={chosen.map(({ name }) => name)}
            onChange={(next) => setText(next.length === 0 ? "" : next.join(","))}
            maxValues={MAX_HOSTS}
            searchable
            clearable
            clearButtonProps={{ "aria-label": "Choose none" }}
            nothingFoundMessage="No host is called so"
            maw={720}
          />
          <HostsView hosts={chosen} />
        </>
      )}
    </Page>
  );
}

function chosenNames(environments: EnvironmentsState, text: string): readonly string[] {
  const wanted = text === "" ? [] : text.split(",").slice(0, MAX_HOSTS);
  const found = wanted.flatMap((ref) => findEnvironment(environments, ref)?.name ?? []);
  if (found.length > 0) return found;
  const connected = environments.list.filter(({ link }) => link.state !== "down" && link.since !== null);
  return (connected.length === 0 ? environments.list : connected).slice(0, DEFAULT_HOSTS).map(({ name }) => name);
}
