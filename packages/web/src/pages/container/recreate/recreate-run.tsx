import { Alert, Button, Group, List, Loader, Stack, Text, ThemeIcon } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconCheck, IconCircleDashed, IconX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { removeContainer } from "../../../docker/container-calls.ts";
import type { ContainerInspect } from "../../../docker/container-inspect.ts";
import { ActionButton } from "../../../ui/action-button.tsx";
import { describeError, ErrorNote } from "../../../ui/error-note.tsx";
import { notifyDone, notifyFailed } from "../../../ui/notify.tsx";
import { type CreateBody, splitNetworks } from "./create-body.ts";
import { recreate, recreateNames, type RecreateOutcome, type RecreatePlan, type RecreateStep } from "./recreate.ts";
import { recreateEngine } from "./recreate-engine.ts";

interface RecreateRunProps {
  readonly environment: Environment;
  readonly name: string;
  readonly inspect: ContainerInspect;
  readonly body: CreateBody;
  readonly pull: boolean;
  readonly onBusy: (busy: boolean) => void;
  readonly onBack: () => void;
  readonly onClose: () => void;
}

/** The steps as they are done; at the end, what is to become of the old container. */
export function RecreateRun(props: RecreateRunProps): ReactNode {
  const { environment, name, inspect, onBusy, onBack, onClose } = props;
  const navigate = useNavigate();
  const [plan] = useState(() => planOf(props));
  const [steps, setSteps] = useState<readonly RecreateStep[]>([]);
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const [outcome, setOutcome] = useState<RecreateOutcome>();
  const started = useRef(false);

  useEffect(() => {
    // Once, however often React mounts it.
    if (started.current) return;
    started.current = true;
    onBusy(true);
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", stay);
    void recreate(plan, recreateEngine(environment.id, setWarnings), setSteps)
      .then(setOutcome)
      .finally(() => {
        removeEventListener("beforeunload", stay);
        onBusy(false);
      });
  }, [plan, environment.id, onBusy]);

  const open = (id: string): void => {
    onClose();
    void navigate({
      to: "/environments/$env/containers/$container",
      params: { env: environment.name, container: id.slice(0, 12) },
    });
  };
  const removeOld = async (newId: string): Promise<void> => {
    try {
      await removeContainer(environment.id, inspect.Id);
      notifyDone(`${plan.backupName} removed`);
    } catch (error) {
      notifyFailed(`Removing ${plan.backupName}`, error);
    }
    open(newId);
  };
  return (
    <Stack gap="md">
      {outcome === undefined && (
        <Text fz="sm">Keep this page open until it is done: it is this page that takes the steps.</Text>
      )}
      <List spacing="xs" center aria-live="polite" listStyleType="none">
        {steps.map((step, index) => (
          <StepLine key={`${index} ${step.label}`} step={step} />
        ))}
      </List>
      {warnings.length > 0 && (
        <Alert color="orange" variant="light" title="The engine warns">
          {warnings.join(" ")}
        </Alert>
      )}
      {outcome?.done === true && (
        <>
          <Text>
            {name} is replaced. The old one is kept, stopped, as <b>{plan.backupName}</b>: to go back, remove the new
            one and give the old one its name. Remove it now?
          </Text>
          <Group justify="flex-end" gap="xs">
            <ActionButton variant="default" onAct={() => removeOld(outcome.newId)}>
              Remove {plan.backupName}
            </ActionButton>
            <Button onClick={() => open(outcome.newId)} data-autofocus>
              Keep it
            </Button>
          </Group>
        </>
      )}
      {outcome?.done === false && (
        <>
          <ErrorNote
            error={outcome.error}
            title={
              outcome.restored
                ? `It failed, and everything is as it was: ${name} is the old container`
                : "It failed, and not everything could be taken back: see the steps that failed above"
            }
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            {outcome.restored && <Button onClick={onBack}>Back to the configuration</Button>}
          </Group>
        </>
      )}
    </Stack>
  );
}

function planOf({ name, inspect, body: whole, pull }: RecreateRunProps): RecreatePlan {
  const { body, others } = splitNetworks(whole);
  const { Running, Paused } = inspect.State;
  return {
    ...recreateNames(name, new Date()),
    oldId: inspect.Id,
    name,
    state: Paused ? "paused" : Running ? "running" : "stopped",
    body,
    others,
    pull,
  };
}

const WORDS = { waiting: "waits", running: "is being done", done: "done", failed: "failed" };

function StepLine({ step: { label, state, error } }: { readonly step: RecreateStep }): ReactNode {
  const icon = {
    waiting: <IconCircleDashed size={18} color="var(--fl-idle)" aria-hidden />,
    running: <Loader size={18} aria-hidden />,
    done: <IconCheck size={18} color="var(--fl-good)" aria-hidden />,
    failed: <IconX size={18} color="var(--fl-bad)" aria-hidden />,
  }[state];
  return (
    <List.Item
      icon={
        <ThemeIcon variant="transparent" size={22}>
          {icon}
        </ThemeIcon>
      }
    >
      <Text fz="sm" style={{ overflowWrap: "anywhere" }}>
        {label} <span className="visually-hidden">{WORDS[state]}</span>
      </Text>
      {error !== undefined && (
        <Text fz="sm" className="fl-text-bad" style={{ overflowWrap: "anywhere" }}>
          {describeError(error).message}
        </Text>
      )}
    </List.Item>
  );
}
