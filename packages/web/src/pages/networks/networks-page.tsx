import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function NetworksPage(): ReactNode {
  return <Page title="Networks">…</Page>;
}
