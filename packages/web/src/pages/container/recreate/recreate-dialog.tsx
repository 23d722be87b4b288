import { Modal, Skeleton } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { inspectImage } from "../../../docker/container-calls.ts";
import type { ContainerInspect } from "../../../docker/container-inspect.ts";
import { isFairleadError } from "@fairlead/protocol";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { createBody, type CreateBody } from "./create-body.ts";
import { RecreateEditor } from "./recreate-editor.tsx";
import { RecreatePreview } from "./recreate-preview.tsx";
import { RecreateRun } from "./recreate-run.tsx";

interface RecreateDialogProps {
  readonly environment: Environment;
  readonly name: string;
  readonly inspect: ContainerInspect;
  readonly onClose: () => void;
}

/** Edited, seen as a difference, and only then done. */
type Step =
  | { readonly at: "edit" }
  | { readonly at: "preview"; readonly body: CreateBody; readonly pull: boolean }
  | { readonly at: "run"; readonly body: CreateBody; readonly pull: boolean };

/** Replaces a container by one with another configuration, and keeps the old one until it is said to go. */
export function RecreateDialog({ environment, onClose, ...latest }: RecreateDialogProps): ReactNode {
  // It gets another name while it is replaced, and is stopped: that must not change what it is replaced from.
  const [{ name, inspect }] = useState(latest);
  const [step, setStep] = useState<Step>({ at: "edit" });
  const [edited, setEdited] = useState<{ readonly body: CreateBody; readonly pull: boolean }>();
  const [isBusy, setBusy] = useState(false);
  const image = useQuery({
    queryKey: ["image", environment.id, inspect.Image],
    queryFn: async () => {
      try {
        return await inspectImage(environment.id, inspect.Image);
      } catch (error) {
        // Removed by force, or its list is not ours to read: then all that the container has is its own.
        if (isFairleadError(error, "not_found") || isFairleadError(error, "forbidden")) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const before = image.data === undefined ? undefined : createBody(inspect, image.data ?? undefined);
  const title = { edit: `Recreate ${name}`, preview: `What changes of ${name}`, run: `Recreating ${name}` }[step.at];
  return (
    <Modal
      opened
      onClose={() => {
        if (!isBusy) onClose();
      }}
      closeOnClickOutside={false}
      title={title}
      size="xl"
    >
      {image.error && (
        <ErrorNote error={image.error} title="The image cannot be read" onRetry={() => void image.refetch()} />
      )}
      {!before && !image.error && <Skeleton h={420} />}
      {before && step.at === "edit" && (
        <RecreateEditor
          inspect={inspect}
          imageKnown={image.data !== null}
          initial={edited ?? { body: before, pull: false }}
          onCancel={onClose}
          onPreview={(body, pull) => {
            setEdited({ body, pull });
            setStep({ at: "preview", body, pull });
          }}
        />
      )}
      {before && step.at === "preview" && (
        <RecreatePreview
          name={name}
          inspect={inspect}
          before={before}
          after={step.body}
          pull={step.pull}
          onBack={() => setStep({ at: "edit" })}
          onRun={() => setStep({ ...step, at: "run" })}
        />
      )}
      {step.at === "run" && (
        <RecreateRun
          environment={environment}
          name={name}
          inspect={inspect}
          body={step.body}
          pull={step.pull}
          onBusy={setBusy}
          onBack={() => setStep({ at: "edit" })}
          onClose={onClose}
        />
      )}
    </Modal>
  );
}
