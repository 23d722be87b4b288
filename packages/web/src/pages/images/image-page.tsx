import { Button, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconDeviceFloppy, IconTag, IconTrash } from "@tabler/icons-react";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { dockerJson } from "../../docker/call.ts";
import { digestsOf, type ImageInspect, imageName, imagePath, type ImageStep, tagsOf } from "../../docker/images.ts";
import { actionAllowance } from "../../hub/access.ts";
import { useMe } from "../../hub/session.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { Age } from "../../ui/age.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { formatBytes, shortId } from "../../ui/format.ts";
import { Properties } from "../../ui/properties.tsx";
import { DetailPage, Section } from "../resources/detail-page.tsx";
import { useHostUsages } from "../resources/host-usages.ts";
import { KeyValues } from "../resources/key-values.tsx";
import { type Removal, RemoveDialog } from "../resources/remove-dialog.tsx";
import { imageUsers } from "../resources/usage.ts";
import { UsedByList } from "../resources/used-by.tsx";
import { IMAGE_REMOVAL, imageRemoval } from "./image-removal.ts";
import { ImageSteps } from "./image-steps.tsx";
import { SaveDialog, type Saving } from "./save-dialog.tsx";
import { TagDialog, type Tagging } from "./tag-dialog.tsx";

interface ImageDetails {
  readonly image: ImageInspect;
  readonly steps: readonly ImageStep[];
}

export function ImagePage(): ReactNode {
  const { env = "", image: id = "" } = useParams({ strict: false }) as { env?: string; image?: string };
  const navigate = useNavigate();
  const [removals, setRemovals] = useState<readonly Removal[]>();
  const [tagging, setTagging] = useState<Tagging>();
  const [saving, setSaving] = useState<Saving>();
  const [refresh, setRefresh] = useState<() => Promise<void>>();
  const usages = useHostUsages();
  return (
    <>
      <DetailPage<ImageDetails>
        env={env}
        noun="image"
        id={id}
        permission="image.view"
        list={{ to: "/images", label: "Images" }}
        read={async (environment, signal) => {
          const [image, steps] = await Promise.all([
            dockerJson<ImageInspect>(environment.id, `${imagePath(id)}/json`, { signal }),
            dockerJson<ImageStep[]>(environment.id, `${imagePath(id)}/history`, { signal }),
          ]);
          return { image, steps };
        }}
        title={({ image }) => imageName(image)}
        inspect={({ image }) => image}
        actions={({ image }, environment, again) => (
          <Actions
            environment={environment}
            onTag={() => {
              setRefresh(() => again);
              setTagging({ environment, id: image.Id, name: imageName(image) });
            }}
            onSave={() => {
              const tags = tagsOf(image);
              const names = tags.length > 0 ? tags : [image.Id];
              setSaving({ environment, name: imageName(image), names, bytes: image.Size });
            }}
            onRemove={() => {
              const usage = usages.get(environment.id);
              const users = usage && imageUsers(usage, [image]).get(image.Id);
              setRemovals([imageRemoval(environment, image, users ?? [])]);
            }}
          />
        )}
        tabs={(environment) => [
          {
            id: "overview",
            label: "Overview",
            content: ({ image }) => <Overview image={image} environment={environment} />,
          },
          { id: "layers", label: "Layers", content: ({ steps }) => <ImageSteps steps={steps} /> },
        ]}
      />
      <TagDialog tagging={tagging} onClose={() => setTagging(undefined)} onTagged={() => void refresh?.()} />
      <SaveDialog saving={saving} onClose={() => setSaving(undefined)} />
      <RemoveDialog
        {...IMAGE_REMOVAL}
        removals={removals}
        onClose={() => setRemovals(undefined)}
        onRemoved={() => void navigate({ to: "/images" })}
      />
    </>
  );
}

function Actions(props: {
  readonly environment: Environment;
  readonly onTag: () => void;
  readonly onSave: () => void;
  readonly onRemove: () => void;
}): ReactNode {
  const me = useMe();
  const may = (permission: "image.tag" | "image.save" | "image.remove") =>
    actionAllowance(me, permission, props.environment);
  const size = 15;
  return (
    <>
      <ActionButton
        size="xs"
        variant="default"
        allowance={may("image.tag")}
        leftSection={<IconTag size={size} aria-hidden />}
        onAct={props.onTag}
      >
        Tag
      </ActionButton>
      <ActionButton
        size="xs"
        variant="default"
        allowance={may("image.save")}
        leftSection={<IconDeviceFloppy size={size} aria-hidden />}
        onAct={props.onSave}
      >
        Save
      </ActionButton>
      <ActionButton
        size="xs"
        variant="default"
        allowance={may("image.remove")}
        leftSection={<IconTrash size={size} aria-hidden />}
        onAct={props.onRemove}
      >
        Remove
      </ActionButton>
    </>
  );
}

function Overview({
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
