import { Box, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { ContainerState, HealthProbe } from "../../../docker/container-inspect.ts";
import { Age } from "../../../ui/age.tsx";
import { count } from "../../../ui/format.ts";
import { StateMark } from "../../../ui/state-mark.tsx";
import type { Tone } from "../../../ui/tone.ts";
import { Card } from "./card.tsx";

const TONES: Readonly<Record<string, Tone>> = { healthy: "good", unhealthy: "bad", starting: "warn" };

/** The last probes, newest first. */
export function HealthCard({ health }: { readonly health: NonNullable<ContainerState["Health"]> }): ReactNode {
  const probes = (health.Log ?? []).toReversed();
  return (
    <Card title="Health" aside={<StateMark tone={TONES[health.Status] ?? "idle"}>{health.Status}</StateMark>}>
      <Stack gap="sm">
        {health.FailingStreak > 0 && <Text fz="sm">{count(health.FailingStreak, "failed probe")} in a row</Text>}
        {probes.length === 0 && (
          <Text fz="sm" c="dimmed">
            No probe has ended yet.
          </Text>
        )}
        {probes.map((probe) => (
          <Probe key={probe.Start} probe={probe} />
        ))}
        <Text fz="xs" c="dimmed">
          The engine keeps the last five. They are read again when the health changes, not after every probe.
        </Text>
      </Stack>
    </Card>
  );
}

function Probe({ probe: { Start, End, ExitCode, Output } }: { readonly probe: HealthProbe }): ReactNode {
  const ms = Date.parse(End) - Date.parse(Start);
  const output = Output.trim();
  return (
    <div>
      <Group gap="sm" justify="space-between">
        <StateMark tone={ExitCode === 0 ? "good" : "bad"}>
          {ExitCode === 0 ? "passed" : `failed with exit code ${ExitCode}`}
        </StateMark>
        <Text fz="xs" c="dimmed" className="tabular">
          <Age at={Start} />
          {Number.isFinite(ms) && `, took ${ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`}`}
        </Text>
      </Group>
      {output !== "" && (
        <Box
          component="pre"
          className="mono"
          m={0}
          mt={4}
          fz="xs"
          tabIndex={0}
          aria-label="What the probe wrote"
          mah={140}
          style={{ overflow: "auto", whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
        >
          {output}
        </Box>
      )}
    </div>
  );
}
