import { Button, Group, Image, ScrollArea, Skeleton, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconDownload, IconFileUnknown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { CodeEditor } from "../../../ui/code-editor.tsx";
import { languageOf } from "../../../ui/code-language.ts";
import { EmptyState } from "../../../ui/empty-state.tsx";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { formatBytes } from "../../../ui/format.ts";
import { containerKeyOf } from "../use-container.ts";
import { type FileKind, fileKind, imageType, MAX_IMAGE_BYTES, MAX_TEXT_BYTES } from "./file-kind.ts";
import { baseName } from "./paths.ts";
import { readFile } from "./read-file.ts";
import type { PathContent } from "./read-folder.ts";

interface FileViewProps {
  readonly environment: Environment;
  readonly id: string;
  readonly content: Exclude<PathContent, { readonly type: "folder" }>;
  readonly onDownload: () => void;
}

type Shown = Exclude<FileKind, { readonly kind: "image" }> | { readonly kind: "image"; readonly url: string };

/** A file to look at: text, or a picture; of the rest, how large it is and how to get it. */
export function FileView({ environment, id, content: { path, type, stat }, onDownload }: FileViewProps): ReactNode {
  const limit = imageType(path) === undefined ? MAX_TEXT_BYTES : MAX_IMAGE_BYTES;
  const isShown = type === "file" && stat.size <= limit;
  const query = useQuery({
    queryKey: [...containerKeyOf(environment.id, id), "path", path, "content"],
    queryFn: async ({ signal }): Promise<Shown> => {
      const blob = await readFile(environment.id, id, path, signal);
      const kind = fileKind(baseName(path), await blob.bytes());
      return kind.kind === "image"
        ? { kind: "image", url: await dataUrl(new Blob([blob], { type: kind.mime })) }
        : kind;
    },
    enabled: isShown,
    // What was looked at is not worth its memory for long.
    gcTime: 30_000,
  });
  const download = (
    <Button size="xs" variant="default" leftSection={<IconDownload size={15} aria-hidden />} onClick={onDownload}>
      Download
    </Button>
  );
  if (type === "other") {
    return (
      <EmptyState icon={IconFileUnknown} title="Nothing to show">
        {path} is a device, a pipe or a socket.
      </EmptyState>
    );
  }
  if (!isShown || query.data?.kind === "binary") {
    return (
      <EmptyState icon={IconFileUnknown} title={isShown ? "This is no text" : "Too large to show"} action={download}>
        {path} has {formatBytes(stat.size)}
        {isShown ? ", and not the bytes of a text or a picture." : `; the page shows up to ${formatBytes(limit)}.`}
      </EmptyState>
    );
  }
  return (
    <Stack gap="xs" style={{ flex: 1, minHeight: 0 }}>
      <Group justify="space-between" gap="xs">
        <Text fz="xs" c="dimmed">
          {formatBytes(stat.size)}, to read only
        </Text>
        {download}
      </Group>
      {query.error && (
        <ErrorNote error={query.error} title={`${path} cannot be read`} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <Skeleton style={{ flex: 1 }} mih={240} />}
      {query.data?.kind === "text" && (
        <div style={{ flex: 1, minHeight: 200 }}>
          <CodeEditor value={query.data.text} label={`Content of ${path}`} language={languageOf(path)} />
        </div>
      )}
      {query.data?.kind === "image" && (
        <ScrollArea className="fl-card" style={{ flex: 1 }} p="md">
          <Image src={query.data.url} alt={`The picture ${path}`} w="auto" maw="100%" fit="contain" />
        </ScrollArea>
      )}
    </Stack>
  );
}

/** The hub's pages allow pictures of their own and within the address, but no blobs. */
function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(typeof reader.result === "string" ? reader.result : ""));
    reader.addEventListener("error", () => reject(new Error("The picture cannot be read.")));
    reader.readAsDataURL(blob);
  });
}
