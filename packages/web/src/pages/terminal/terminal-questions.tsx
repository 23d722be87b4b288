import { Box, Stack, Text } from "@mantine/core";
import { confirm } from "../../ui/confirm.tsx";
import { count } from "../../ui/format.ts";
import { notifyFailed } from "../../ui/notify.tsx";
import { checkPaste } from "./paste.ts";

/** Asks where a paste would run more than one line. @returns whether it goes to the shell. */
export async function confirmPaste(text: string, container: string): Promise<boolean> {
  const check = checkPaste(text);
  if (check.kind === "send") return true;
  if (check.kind === "refuse") {
    notifyFailed("Pasting", check.reason);
    return false;
  }
  return confirm({
    title: `Paste ${count(check.lines, "line")} into ${container}?`,
    body: (
      <Stack gap="xs">
        <Text fz="sm">A shell runs every line as soon as it comes. This is the text:</Text>
        <Box
          component="pre"
          className="mono fl-card"
          m={0}
          p="xs"
          mah={220}
          tabIndex={0}
          aria-label="The text"
          style={{ overflow: "auto", background: "var(--fl-ground)" }}
        >
          {check.preview}
        </Box>
      </Stack>
    ),
    action: `Paste ${count(check.lines, "line")}`,
    danger: false,
  });
}

/** Opens what was clicked in a terminal. A link whose text is not its address shows first where it leads. */
export async function confirmLink(address: string, text: string | undefined): Promise<void> {
  if (!/^https?:\/\//i.test(address)) return;
  const isPlain = text === undefined || text.includes(address);
  const go =
    isPlain ||
    (await confirm({
      title: "Follow this link?",
      body: (
        <Text fz="sm" style={{ overflowWrap: "anywhere" }}>
          It leads to <span className="mono">{address}</span>
        </Text>
      ),
      action: "Open it in a new tab",
      danger: false,
    }));
  if (go) window.open(address, "_blank", "noopener,noreferrer");
}
