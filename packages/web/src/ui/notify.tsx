import { Code } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { describeError } from "./error-note.tsx";

/** Says briefly that something was done. */
export function notifyDone(message: string): void {
  notifications.show({ message, color: "sea", autoClose: 4_000 });
}

/** Says that something failed; stays until it is closed. `what`: "Stopping web on attic". */
export function notifyFailed(what: string, error: unknown): void {
  const { message, code } = describeError(error);
  notifications.show({
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
