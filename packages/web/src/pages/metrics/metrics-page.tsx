import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function MetricsPage(): ReactNode {
  return <Page title="Metrics">…</Page>;
}
