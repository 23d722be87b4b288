import { Code, Text, Title } from "@mantine/core";
import type { HubSetting } from "@fairlead/protocol/rest";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useAllowed } from "../../../hub/access.ts";
import { hub } from "../../../hub/client.ts";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { formatDuration } from "../../../ui/format.ts";
import { Properties } from "../../../ui/properties.tsx";
import { PlainTable } from "../plain-table.tsx";
import { Answer, Section } from "../section.tsx";
import { settingGroups, settingText } from "./setting-groups.ts";

/** What this hub is and runs with: how long it keeps what, how people sign in, which variable changes it. */
export function AboutSection(): ReactNode {
  const may = useAllowed("hub.manage");
  const info = useQuery({ queryKey: ["hub-info"], queryFn: ({ signal }) => hub.info(signal) });
  const settings = useQuery({
    queryKey: ["settings"],
    queryFn: ({ signal }) => hub.settings(signal),
    enabled: may.allowed,
  });
  return (
    <Section
      title="Hub, retention and OIDC"
      description="Environment variables of the hub set these; a change takes effect when it starts anew."
    >
      <Answer query={info} height={70}>
        {({ version, protocol, uptimeSeconds }) => (
          <div className="fl-card" style={{ padding: "var(--mantine-spacing-md)" }}>
            <Properties
              items={[
                ["Fairlead", version],
                ["Protocol", protocol],
                ["Up for", formatDuration(uptimeSeconds * 1000)],
                [
                  "API",
                  <a key="api" className="fl-link" href="/api/docs">
                    /api/docs
                  </a>,
                ],
                ["Licence", "MIT"],
              ]}
            />
          </div>
        )}
      </Answer>
      {may.allowed ? (
        <Answer query={settings}>
          {(list) => settingGroups(list).map(({ title, items }) => <Group key={title} title={title} items={items} />)}
        </Answer>
      ) : (
        <EmptyState icon={IconInfoCircle} title="The rest is for who manages the hub">
          {may.reason}
        </EmptyState>
      )}
    </Section>
  );
}

function Group({ title, items }: { title: string; items: readonly HubSetting[] }): ReactNode {
  return (
    <div>
      <Title order={3} mb="xs">
        {title}
      </Title>
      <PlainTable
        label={title}
        rows={items}
        rowKey={({ name }) => name}
        columns={[
          {
            header: "Setting",
            cell: ({ name, description }) => (
              <>
                <Text span className="mono" fw={500}>
                  {name}
                </Text>
                <Text fz="xs" c="dimmed">
                  {description}
                </Text>
              </>
            ),
          },
          {
            header: "Value",
            cell: (setting) => <Text style={{ overflowWrap: "anywhere" }}>{settingText(setting)}</Text>,
          },
          { header: "Variable", wideOnly: true, cell: ({ variable }) => variable !== null && <Code>{variable}</Code> },
        ]}
      />
    </div>
  );
}
