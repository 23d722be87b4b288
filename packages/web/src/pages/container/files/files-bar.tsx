import { Group, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconDownload, IconRefresh } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useActionAllowed } from "../../../hub/access.ts";
import { ActionButton, ActionIconButton } from "../../../ui/action-button.tsx";
import { CopyButton } from "../../../ui/copy-button.tsx";
import { pathSteps } from "./paths.ts";
import type { PathContent } from "./read-folder.ts";
import type { Transfers } from "./use-transfers.ts";

interface FilesBarProps {
  readonly environment: Environment;
  readonly path: string;
  readonly content: PathContent | undefined;
  readonly transfers: Transfers;
  readonly onOpen: (path: string) => void;
  readonly onRefresh: () => Promise<unknown>;
}

/** Where one is, with the way back, and what can be taken from here. */
export function FilesBar({ environment, path, content, transfers, onOpen, onRefresh }: FilesBarProps): ReactNode {
  const reading = useActionAllowed("container.read-files", environment);
  const steps = pathSteps(path);
  return (
    <Group justify="space-between" gap="xs">
      <Group component="nav" gap={4} aria-label="Folders above" miw={0}>
        {steps.map((step, index) => (
          <Group key={step.path} gap={4} wrap="nowrap" miw={0}>
            {index > 1 && (
              <Text span c="dimmed" aria-hidden>
                /
              </Text>
            )}
            {index === steps.length - 1 ? (
              <Text span className="mono" fw={600} aria-current="page" style={{ overflowWrap: "anywhere" }}>
                {step.name}
              </Text>
            ) : (
              <button type="button" className="fl-link-button mono" onClick={() => onOpen(step.path)}>
                {step.name}
              </button>
            )}
          </Group>
        ))}
        <CopyButton text={path} what="the path" />
      </Group>
      <Group gap="xs">
        <ActionIconButton label="Read again" variant="default" size={30} onAct={onRefresh}>
          <IconRefresh size={16} aria-hidden />
        </ActionIconButton>
        {content?.type === "folder" && (
          <ActionButton
            size="xs"
            variant="default"
            leftSection={<IconDownload size={15} aria-hidden />}
            allowance={reading}
            onAct={() => transfers.download(path, true)}
          >
            Folder as .tar
          </ActionButton>
        )}
      </Group>
    </Group>
  );
}
