import { Button, FileInput, Group, Modal, Stack } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { formatBytes } from "../../ui/format.ts";
import type { BatchState } from "../resources/batch.ts";
import { HostSelect } from "../resources/host-choice.tsx";
import { ProgressView } from "./progress-view.tsx";
import { loadImages } from "./pull-image.ts";
import type { PullProgress } from "./pull-progress.ts";

interface LoadDialogProps {
  readonly opened: boolean;
  /** Chosen already. */
  readonly host: Environment | undefined;
  readonly onClose: () => void;
  readonly onLoaded: (environmentIds: readonly number[]) => void;
}

/** Loads images of a file into a host. Closing it ends what still goes on. */
export function LoadDialog({ opened, host, onClose, onLoaded }: LoadDialogProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title="Load images from a file" size="lg" closeOnClickOutside={false}>
      {opened && <Body host={host} onClose={onClose} onLoaded={onLoaded} />}
    </Modal>
  );
}

function Body({ host, onClose, onLoaded }: Omit<LoadDialogProps, "opened">): ReactNode {
  const [environment, setEnvironment] = useState(host);
  const [file, setFile] = useState<File | null>(null);
  const [progress, setProgress] = useState<PullProgress>();
  const [state, setState] = useState<BatchState>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const busy = state?.state === "running";
  const load = async (): Promise<void> => {
    if (!environment || !file) return;
    const controller = new AbortController();
    abort.current = controller;
    setProgress(undefined);
    setState({ state: "running" });
    try {
      await loadImages(environment.id, file, controller.signal, setProgress);
      setState({ state: "done" });
      onLoaded([environment.id]);
    } catch (error) {
      setState({ state: "failed", error });
    }
  };
  return (
    <Stack gap="md">
      <HostSelect permission="image.load" value={environment} onChange={setEnvironment} />
      <FileInput
        label="File"
        description="A tar archive as docker save writes it; it may be compressed."
        placeholder="Choose a file"
        accept=".tar,.gz,.tgz,.xz,.zst,.bz2,application/x-tar"
        value={file}
        onChange={setFile}
        clearable
        clearButtonProps={{ "aria-label": "Take the file away" }}
        required
      />
      {environment && state && (
        <ProgressView
          name={environment.name}
          progress={progress}
          state={state}
          beginning={file ? `sends ${formatBytes(file.size)}` : "sends the file"}
        />
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={busy ? () => abort.current?.abort() : onClose}>
          {busy ? "Cancel the load" : state?.state === "done" ? "Close" : "Cancel"}
        </Button>
        {state?.state !== "done" && (
          <Button onClick={() => void load()} loading={busy} disabled={!environment || !file}>
            Load
          </Button>
        )}
      </Group>
    </Stack>
  );
}
