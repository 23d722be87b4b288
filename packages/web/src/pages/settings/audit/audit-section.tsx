import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { AUDIT_OUTCOME_NAMES, auditQuery, type AuditTexts } from "./audit-query.ts";
import type { AuditEntry } from "@fairlead/protocol/rest";
import { IconClipboardList, IconDownload, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useSearchText } from "../../../app/search-text.ts";
import { useAllowed } from "../../../hub/access.ts";
import { hub } from "../../../hub/client.ts";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { Section } from "../section.tsx";
import { AuditEntryDialog } from "./audit-entry-dialog.tsx";
import { AuditTable } from "./audit-table.tsx";
import { VerifyButton } from "./verify-button.tsx";

/** Who changed what: searched, exported, verified, and recorded sessions replayed. */
export function AuditSection(): ReactNode {
  const may = useAllowed("audit.view");
  const filter = useAuditFilter();
  const query = auditQuery(filter.texts);
  const pages = useInfiniteQuery({
    queryKey: ["audit", query],
    queryFn: ({ pageParam, signal }) =>
      hub.listAudit({ ...query, limit: 200, ...(pageParam === 0 ? {} : { after: pageParam }) }, signal),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
    enabled: may.allowed,
  });
  const [shown, setShown] = useState<AuditEntry>();
  const entries = pages.data?.pages.flatMap(({ items }) => items);
  const exported = new URLSearchParams(Object.entries(query));
  if (!may.allowed) {
    return (
      <Section title="Audit log">
        <EmptyState icon={IconClipboardList} title="Not for you to see">
          {may.reason}
        </EmptyState>
      </Section>
    );
  }
  return (
    <Section
      title="Audit log"
      description="Every change and every command in a container: who, what, where, and what came of it. Entries are chained by hashes, so that a change of the log shows."
      actions={
        <>
          <VerifyButton />
          <Button
            component="a"
            href={`/api/v1/audit/export?${exported}`}
            download="audit.jsonl"
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            Export
          </Button>
        </>
      }
    >
      <AuditFilters {...filter} />
      {pages.error && <ErrorNote error={pages.error} onRetry={() => void pages.refetch()} />}
      <Stack gap="sm" h="calc(100dvh - 320px)" mih={320}>
        <AuditTable entries={entries} onOpen={setShown} />
        {pages.hasNextPage && (
          <Group justify="center">
            <Button
              variant="default"
              size="xs"
              loading={pages.isFetchingNextPage}
              onClick={() => void pages.fetchNextPage()}
            >
              Older entries
            </Button>
          </Group>
        )}
      </Stack>
      <AuditEntryDialog entry={shown} onClose={() => setShown(undefined)} />
    </Section>
  );
}

interface Filter {
  readonly texts: AuditTexts;
  readonly set: Readonly<Record<keyof AuditTexts, (value: string) => void>>;
}

function useAuditFilter(): Filter {
  const [text, setText] = useSearchText("q");
  const [actor, setActor] = useSearchText("actor");
  const [action, setAction] = useSearchText("action");
  const [outcome, setOutcome] = useSearchText("outcome");
  const [since, setSince] = useSearchText("since");
  return {
    texts: { text, actor, action, outcome, since },
    set: { text: setText, actor: setActor, action: setAction, outcome: setOutcome, since: setSince },
  };
}

const PERIODS = [
  { value: "", label: "any time" },
  { value: "1h", label: "the last hour" },
  { value: "24h", label: "the last day" },
  { value: "7d", label: "the last week" },
  { value: "30d", label: "the last 30 days" },
];

function AuditFilters({ texts, set }: Filter): ReactNode {
  return (
    <Group gap="xs" align="flex-end">
      <TextInput
        label="Search"
        description="Target, path, address, name, code"
        leftSection={<IconSearch size={15} aria-hidden />}
        value={texts.text}
        onChange={(event) => set.text(event.currentTarget.value)}
        flex="1 1 180px"
      />
      <TextInput
        label="Who"
        description="Name, kind or id"
        value={texts.actor}
        onChange={(event) => set.actor(event.currentTarget.value)}
        w={150}
      />
      <TextInput
        label="What"
        description="container.*, sign-in.*"
        value={texts.action}
        onChange={(event) => set.action(event.currentTarget.value)}
        w={150}
      />
      <Select
        label="Outcome"
        w={130}
        clearable
        data={AUDIT_OUTCOME_NAMES}
        value={texts.outcome || null}
        onChange={(value) => set.outcome(value ?? "")}
        placeholder="any"
      />
      <Select
        label="When"
        w={150}
        allowDeselect={false}
        data={PERIODS}
        value={texts.since}
        onChange={(value) => set.since(value ?? "")}
      />
    </Group>
  );
}
