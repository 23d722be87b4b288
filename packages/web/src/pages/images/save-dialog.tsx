import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { ErrorNote } from "../../ui/error-note.tsx";
import { formatBytes } from "../../ui/format.ts";
import { notifyDone } from "../../ui/notify.tsx";
import { fileNameOf, saveImage } from "./save-image.ts";

/** What is to be saved. */
export interface Saving {
  readonly environment: Environment;
  readonly name: string;
  /** Tags, or the id of an image without. */
  readonly names: readonly string[];
  /** Bytes of its layers: the file is about as large. */
  readonly bytes: number;
}

/** Saves an image to a file, with how far it is. Closing it ends it. */
export function SaveDialog({
  saving,
  onClose,
}: {
  readonly saving: Saving | undefined;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Modal opened={saving !== undefined} onClose={onClose} title="Save to a file" closeOnClickOutside={false}>
      {saving && <Body saving={saving} onClose={onClose} />}
    </Modal>
  );
}

/** A figure that changes more often nobody reads. */
const TELL_MS = 200;

function Body({ saving, onClose }: { readonly saving: Saving; readonly onClose: () => void }): ReactNode {
  const { environment, name, names, bytes } = saving;
  const [came, setCame] = useState<number>();
  const [error, setError] = useState<unknown>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const save = async (): Promise<void> => {
    const controller = new AbortController();
    abort.current = controller;
    setError(undefined);
    setCame(0);
    let told = 0;
    try {
      const saved = await saveImage(environment.id, names, fileNameOf(name), controller.signal, (now) => {
        if (Date.now() - told < TELL_MS) return;
        told = Date.now();
        setCame(now);
      });
      if (saved) {
        notifyDone(`Saved ${name} of ${environment.name}`);
        onClose();
      }
    } catch (failure) {
      if (!controller.signal.aborted) setError(failure);
    }
    setCame(undefined);
  };
  return (
    <Stack gap="md">
      <Text fz="sm" style={{ overflowWrap: "anywhere" }}>
        {names.length === 1 ? name : `${name} with its ${names.length} names`} of {environment.name} goes into a tar
        archive, about {formatBytes(bytes)}, which docker load and this page read.
      </Text>
      {error !== undefined && <ErrorNote error={error} title="Saving failed" />}
      <Group justify="space-between" gap="xs">
        <Text fz="sm" role="status" className="tabular">
          {came !== undefined && `${formatBytes(came)} came so far`}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={() => void save()} loading={came !== undefined} data-autofocus>
            Save
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
