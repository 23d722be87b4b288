import { ActionIcon, Box, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconEye, IconEyeOff } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { CopyButton } from "../../../ui/copy-button.tsx";
import { count } from "../../../ui/format.ts";
import { Card } from "./card.tsx";
import { type EnvironmentVariable, environmentVariables } from "./environment-variables.ts";

/** Variables, their values hidden until somebody asks: all at once but for what looks like a secret, or one by one. */
export function EnvironmentCard({ lines }: { readonly lines: readonly string[] }): ReactNode {
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());
  const variables = environmentVariables(lines);
  const plain = variables.filter(({ secret }) => !secret);
  const allShown = plain.length > 0 && plain.every(({ name }) => shown.has(name));
  const secrets = variables.length - plain.length;
  const toggle = (name: string): void =>
    setShown((before) => {
      const next = new Set(before);
      if (!next.delete(name)) next.add(name);
      return next;
    });
  return (
    <Card
      title="Environment variables"
      aside={
        plain.length > 0 && (
          <Button
            size="xs"
            variant="default"
            onClick={() => setShown(new Set(allShown ? [] : plain.map(({ name }) => name)))}
          >
            {allShown ? "Hide all" : "Show all"}
          </Button>
        )
      }
    >
      {variables.length === 0 && (
        <Text fz="sm" c="dimmed">
          None.
        </Text>
      )}
      <Box component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {variables.map((variable) => (
          <Variable
            key={variable.name}
            variable={variable}
            isShown={shown.has(variable.name)}
            onToggle={() => toggle(variable.name)}
          />
        ))}
      </Box>
      {allShown && secrets > 0 && (
        <Text fz="xs" c="dimmed" mt="xs">
          {count(secrets, "value")} that may be a secret, by the name, {secrets === 1 ? "is" : "are"} shown one by one
          only.
        </Text>
      )}
    </Card>
  );
}

function Variable({
  variable,
  isShown,
  onToggle,
}: {
  readonly variable: EnvironmentVariable;
  readonly isShown: boolean;
  readonly onToggle: () => void;
}): ReactNode {
  const { name, value } = variable;
  const label = `${isShown ? "Hide" : "Show"} ${name}`;
  return (
    <Group component="li" gap="xs" wrap="nowrap" mih={28}>
      <Text span fz="sm" className="mono" style={{ overflowWrap: "anywhere", flex: "0 1 auto" }}>
        {name}
      </Text>
      <Text span fz="sm" c="dimmed" className="mono" style={{ overflowWrap: "anywhere", flex: 1, minWidth: 60 }}>
        {isShown ? value || "(empty)" : "••••••"}
      </Text>
      {isShown && <CopyButton text={value} what={`the value of ${name}`} />}
      <Tooltip label={label}>
        <ActionIcon variant="subtle" color="gray" aria-label={label} aria-pressed={isShown} onClick={onToggle}>
          {isShown ? <IconEyeOff size={16} aria-hidden /> : <IconEye size={16} aria-hidden />}
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
