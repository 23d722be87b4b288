import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function FleetPage(): ReactNode {
  return <Page title="Fleet">…</Page>;
}
