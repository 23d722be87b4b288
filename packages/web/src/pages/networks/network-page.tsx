import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function NetworkPage(): ReactNode {
  return <Page title="Network">…</Page>;
}
