import { Alert, Button, Group, Modal, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import type { Environment } from "@fairlead/protocol/rest";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { updateContainer } from "../../../docker/container-calls.ts";
import type { ContainerInspect } from "../../../docker/container-inspect.ts";
import { queryClient } from "../../../hub/client.ts";
import { ErrorNote } from "../../../ui/error-note.tsx";
import { count } from "../../../ui/format.ts";
import { notifyDone } from "../../../ui/notify.tsx";
import { useAttempt } from "../../../ui/use-attempt.ts";
import { containerKeyOf } from "../use-container.ts";
import { type UpdateForm, updateForm, updateRequest } from "./update-body.ts";

interface EditDialogProps {
  readonly environment: Environment;
  readonly name: string;
  readonly inspect: ContainerInspect;
  readonly onClose: () => void;
}

const FIELDS: readonly (readonly [field: keyof UpdateForm, label: string, description: string])[] = [
  ["memory", "Memory", "Such as 512m or 2g"],
  ["memorySwap", "Memory and swap", "Both together; -1: swap without limit"],
  ["cpus", "CPUs", "Cores, such as 1.5"],
  ["cpuShares", "CPU shares", "Against others when CPU is short; 1024 is usual"],
  ["pids", "Processes", "At most so many; empty: no limit"],
];

const RESTARTS = [
  { value: "no", label: "Never" },
  { value: "on-failure", label: "When it fails" },
  { value: "unless-stopped", label: "Always, unless it was stopped" },
  { value: "always", label: "Always" },
];

/** Limits and restart policy, changed while it runs. */
export function EditDialog({ environment, name, inspect, onClose }: EditDialogProps): ReactNode {
  // What was set when it was opened: an event meanwhile must not change what is compared with.
  const [host] = useState(inspect.HostConfig);
  const [form, setForm] = useState(() => updateForm(host));
  const { busy, error, run } = useAttempt();
  const [warnings, setWarnings] = useState<readonly string[]>([]);
  const { body, errors } = updateRequest(host, form);
  const changes = Object.keys(body).length;
  const isReady = changes > 0 && Object.keys(errors).length === 0;
  const change = async (): Promise<void> => {
    const warned = await updateContainer(environment.id, inspect.Id, body);
    void queryClient.invalidateQueries({ queryKey: containerKeyOf(environment.id, inspect.Id) });
    notifyDone(`${name}: ${count(changes, "setting")} changed`);
    if (warned.length === 0) onClose();
    else setWarnings(warned);
  };
  const set = (field: keyof UpdateForm, value: string): void => setForm((before) => ({ ...before, [field]: value }));
  return (
    <Modal opened onClose={onClose} title={`Limits and restarts of ${name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void run(change);
        }}
      >
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            {FIELDS.map(([field, label, description]) => (
              <TextInput
                key={field}
                label={label}
                description={description}
                placeholder="No limit"
                value={form[field]}
                error={errors[field]}
                onChange={(event) => set(field, event.currentTarget.value)}
              />
            ))}
            <Select
              label="Start again"
              description="When it ends, or the host starts"
              data={RESTARTS}
              value={form.restart}
              allowDeselect={false}
              onChange={(value) => set("restart", value ?? "no")}
            />
            {form.restart === "on-failure" && (
              <TextInput
                label="At most so many times"
                description="Empty: as often as it takes"
                value={form.retries}
                error={errors.retries}
                onChange={(event) => set("retries", event.currentTarget.value)}
              />
            )}
          </SimpleGrid>
          <Text fz="sm" c="dimmed">
            Only what you change is sent. It applies at once; {name} keeps running.
          </Text>
          {error !== undefined && <ErrorNote error={error} title="Nothing was changed" />}
          {warnings.length > 0 && (
            <Alert
              color="orange"
              variant="light"
              icon={<IconAlertTriangle aria-hidden />}
              title="Changed, but the engine warns"
              role="status"
            >
              {warnings.map((warning) => (
                <Text key={warning} fz="sm">
                  {warning}
                </Text>
              ))}
            </Alert>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {warnings.length > 0 ? "Close" : "Cancel"}
            </Button>
            {warnings.length === 0 && (
              <Button type="submit" loading={busy} disabled={!isReady}>
                {changes > 0 ? `Change ${count(changes, "setting")}` : "Change"}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
