import { Button, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { count } from "../../../ui/format.ts";
import { Card } from "./card.tsx";

/** More are folded away: compose alone writes a dozen. */
const SHOWN = 8;

export function LabelsCard({ labels }: { readonly labels: Readonly<Record<string, string>> }): ReactNode {
  const [all, setAll] = useState(false);
  const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const hidden = entries.length - SHOWN;
  return (
    <Card title="Labels">
      {entries.length === 0 && (
        <Text fz="sm" c="dimmed">
          None.
        </Text>
      )}
      <dl style={{ margin: 0 }}>
        {entries.slice(0, all ? undefined : SHOWN).map(([name, value]) => (
          <div key={name} style={{ marginBottom: 6, overflowWrap: "anywhere" }}>
            <Text component="dt" fz="xs" c="dimmed" className="mono">
              {name}
            </Text>
            <Text component="dd" fz="sm" m={0} className="mono">
              {value === "" ? "(empty)" : value}
            </Text>
          </div>
        ))}
      </dl>
      {hidden > 0 && (
        <Button size="xs" variant="default" mt="xs" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Fewer" : count(hidden, "more", "more")}
        </Button>
      )}
    </Card>
  );
}
