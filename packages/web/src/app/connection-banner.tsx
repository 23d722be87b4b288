import { Group, Text } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { connection } from "../hub/live.ts";
import { useStore } from "../hub/store.ts";
import { Age } from "../ui/age.tsx";

/** A break shorter than this is none that anybody needs to hear of. */
const QUIET_MS = 1_500;

/** Says when the hub is away, since when what is shown is old, and that it comes back by itself. */
export function ConnectionBanner(): ReactNode {
  const { state, since, error } = useStore(connection);
  const [loud, setLoud] = useState(false);
  const isBroken = state === "away" || state === "refused";
  useEffect(() => {
    setLoud(false);
    if (!isBroken) return;
    const timer = setTimeout(() => setLoud(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [isBroken]);
  return (
    <div role="status" aria-live="polite">
      {isBroken && loud && (
        <Group
          gap="xs"
          px="md"
          py={6}
          wrap="nowrap"
          style={{ background: "color-mix(in srgb, var(--fl-warn) 16%, var(--fl-surface))" }}
        >
          <IconPlugConnectedX size={17} aria-hidden style={{ flex: "none" }} />
          <Text fz="sm">
            {state === "away" ? (
              <>
                The hub stopped answering <Age at={since} />. What you see is as it was then; this page goes on by
                itself when the hub is back.
              </>
            ) : (
              <>The hub refuses to tell what changes: {error}</>
            )}
          </Text>
        </Group>
      )}
    </div>
  );
}
