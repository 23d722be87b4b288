import { Button, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useMemo, useState } from "react";
import { digestsOf, type ImageInspect, tagsOf } from "../../docker/images.ts";
import { Age } from "../../ui/age.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { formatBytes, shortId } from "../../ui/format.ts";
import { Properties } from "../../ui/properties.tsx";
import { Section } from "../resources/detail-page.tsx";
import { useHostUsages } from "../resources/host-usages.ts";
import { KeyValues } from "../resources/key-values.tsx";
import { imageUsers } from "../resources/usage.ts";
import { UsedByList } from "../resources/used-by.tsx";

/** What an image is, what it runs, and who runs it. */
export function ImageOverview({
  image,
  environment,
}: {
  readonly image: ImageInspect;
  readonly environment: Environment;
}): ReactNode {
  const usages = useHostUsages();
  const users = useMemo(() => {
    const usage = usages.get(environment.id);
    return usage && (imageUsers(usage, [image]).get(image.Id) ?? []);
  }, [usages, environment.id, image]);
  const config = image.Config;
  const created = image.Created === undefined || image.Created.startsWith("0001-") ? null : image.Created;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Section title="Image">
        <Properties
          items={[
            [
              "Id",
              <span key="id" className="mono">
                {shortId(image.Id)} <CopyButton text={image.Id} what="the whole id" />
              </span>,
            ],
            ["Names", <Lines key="tags" lines={tagsOf(image)} none="none: dangling" />],
            ["Digests", <Lines key="digests" lines={digestsOf(image)} none="none: never pulled or pushed" />],
            ["Size", formatBytes(image.Size)],
            ["Created", <Age key="created" at={created} fallback="not known" />],
            ["Platform", [image.Os, image.Architecture, image.Variant].filter(Boolean).join("/")],
            ["Author", image.Author],
            ["Comment", image.Comment],
          ]}
        />
      </Section>
      <Section title="Used by">
        <UsedByList environmentName={environment.name} users={users} what="this image" />
      </Section>
      <Section title="What it runs">
        <Properties
          items={[
            ["Entrypoint", <Command key="entrypoint" parts={config?.Entrypoint} />],
            ["Command", <Command key="command" parts={config?.Cmd} />],
            ["Folder", config?.WorkingDir],
            ["User", config?.User],
            ["Ports", Object.keys(config?.ExposedPorts ?? {}).join(", ")],
            ["Volumes", Object.keys(config?.Volumes ?? {}).join(", ")],
            ["Stop signal", config?.StopSignal],
            ["Health check", config?.Healthcheck?.Test?.join(" ")],
          ]}
        />
      </Section>
      <EnvironmentVariables env={config?.Env ?? []} />
      <Section title="Labels">
        <KeyValues values={config?.Labels} none="The image has no labels." />
      </Section>
    </SimpleGrid>
  );
}

function Lines({ lines, none }: { readonly lines: readonly string[]; readonly none: string }): ReactNode {
  if (lines.length === 0)
    return (
      <Text c="dimmed" fz="sm">
        {none}
      </Text>
    );
  return (
    <Stack gap={2}>
      {lines.map((line) => (
        <span key={line} className="mono">
          {line}
        </span>
      ))}
    </Stack>
  );
}

function Command({ parts }: { readonly parts: readonly string[] | null | undefined }): ReactNode {
  if (!parts || parts.length === 0)
    return (
      <Text c="dimmed" fz="sm">
        none
      </Text>
    );
  return (
    <span className="mono">{parts.map((part) => (/[\s"]/.test(part) ? JSON.stringify(part) : part)).join(" ")}</span>
  );
}

/** Values may be secrets that somebody built in: they are shown when asked for. */
function EnvironmentVariables({ env }: { readonly env: readonly string[] }): ReactNode {
  const [shown, setShown] = useState(false);
  return (
    <Section
      title="Environment variables"
      aside={
        env.length > 0 && (
          <Button size="compact-xs" variant="default" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? "Hide values" : "Show values"}
          </Button>
        )
      }
    >
      {env.length === 0 ? (
        <Text c="dimmed" fz="sm">
          The image sets none.
        </Text>
      ) : (
        <Table layout="fixed" aria-label="Environment variables">
          <Table.Tbody>
            {env.map((line) => {
              const at = line.indexOf("=");
              return (
                <Table.Tr key={line}>
                  <Table.Th scope="row" className="mono" fw={400} style={{ overflowWrap: "anywhere" }}>
                    {at === -1 ? line : line.slice(0, at)}
                  </Table.Th>
                  <Table.Td className="mono" style={{ overflowWrap: "anywhere" }}>
                    {shown ? line.slice(at + 1) : <span aria-label="hidden">••••••</span>}
                  </Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}
