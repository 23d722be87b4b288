import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function LogsPage(): ReactNode {
  return <Page title="Logs">…</Page>;
}
