import { Code } from "@mantine/core";
import type { NotificationData } from "@mantine/notifications";
import { describeError } from "./error-note.tsx";
import { late } from "./late.tsx";

const read = () => import("@mantine/notifications");

/** Where short messages show. The page comes first, this right after. */
export const Notifications = late(async () => (await read()).Notifications);

function show(message: NotificationData): void {
  void read().then(({ notifications }) => notifications.show(message));
}

/** Says briefly that something was done. */
export function notifyDone(message: string): void {
  show({ message, color: "sea", autoClose: 4_000 });
}

/** Says that something failed; stays until it is closed. `what`: "Stopping web on attic". */
export function notifyFailed(what: string, error: unknown): void {
  const { message, code } = describeError(error);
  show({
    title: `${what} failed`,
    message: (
      <>
        {message} {code !== undefined && <Code>{code}</Code>}
      </>
    ),
    color: "red",
    autoClose: false,
    role: "alert",
  });
}
