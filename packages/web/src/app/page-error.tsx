import type { ReactNode } from "react";
import { ErrorNote } from "../ui/error-note.tsx";
import { Page } from "../ui/page.tsx";

/** In place of a page that failed. A part of the page that cannot be loaded is most often one of a hub that was upgraded meanwhile. */
export function PageError({ error }: { error: unknown }): ReactNode {
  const isOld = /dynamically imported module|Importing a module script failed/i.test(String(error));
  return (
    <Page title="Something failed">
      <ErrorNote
        error={
          isOld
            ? new Error("A part of this page cannot be loaded. The hub is away, or was upgraded: load the page anew.")
            : error
        }
        onRetry={() => location.reload()}
      />
    </Page>
  );
}
