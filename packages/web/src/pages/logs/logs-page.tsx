import { Button, Skeleton } from "@mantine/core";
import { IconFileText, IconListSearch } from "@tabler/icons-react";
import { type ReactNode, useMemo, useState } from "react";
import { useSearchText } from "../../app/search-text.ts";
import { containerKey, useContainers } from "../../hub/containers.ts";
import { useEnvironments } from "../../hub/environments.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { ErrorNote } from "../../ui/error-note.tsx";
import { Page } from "../../ui/page.tsx";
import { LogView, type LogSource } from "./log-view.tsx";
import { formatSources, MAX_SOURCES, parseSources } from "./source-address.ts";
import { SourcePicker } from "./source-picker.tsx";

/** Logs of many containers on many hosts, merged by time. */
export function LogsPage(): ReactNode {
  const [text, setText] = useSearchText("sources");
  const environments = useEnvironments();
  const { loaded, rows, error } = useContainers();
  const [isPicking, setPicking] = useState(false);
  const parsed = parseSources(text, environments, rows);
  // Rows change with every event; the sources rarely do.
  const identity = JSON.stringify(parsed);
  const all = useMemo(() => JSON.parse(identity) as readonly LogSource[], [identity]);
  const sources = useMemo(() => all.slice(0, MAX_SOURCES), [all]);
  const chosen = useMemo(
    () => new Set(sources.map(({ environmentId, containerId }) => containerKey(environmentId, containerId))),
    [sources],
  );
  const isReady = loaded && environments.loaded;
  return (
    <Page
      title="Logs"
      fill
      actions={
        <Button
          size="xs"
          variant={sources.length === 0 ? "filled" : "default"}
          leftSection={<IconListSearch size={15} aria-hidden />}
          onClick={() => setPicking(true)}
        >
          Choose containers
        </Button>
      }
    >
      {error && <ErrorNote error={error} title="The containers could not be listed" />}
      {all.length > MAX_SOURCES && (
        <ErrorNote
          error={
            new Error(
              `The address names ${all.length} containers; the first ${MAX_SOURCES} are read. More cannot be read together.`,
            )
          }
        />
      )}
      {!isReady && !error && <Skeleton style={{ flex: 1 }} />}
      {isReady && sources.length === 0 && (
        <EmptyState icon={IconFileText} title="No container is chosen">
          Choose containers on any hosts. Their logs are followed together, in the order of time, with a colour for
          each. The address of this page then leads to them again.
        </EmptyState>
      )}
      {isReady && sources.length > 0 && (
        <LogView
          sources={sources}
          onRemove={(gone) => setText(formatSources(sources.filter((source) => source !== gone)))}
        />
      )}
      <SourcePicker
        opened={isPicking}
        chosen={chosen}
        onClose={() => setPicking(false)}
        onChoose={(picked) =>
          setText(
            formatSources(picked.map(({ environmentId, container }) => ({ environmentId, containerId: container.Id }))),
          )
        }
      />
    </Page>
  );
}
