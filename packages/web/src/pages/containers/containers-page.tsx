import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function ContainersPage(): ReactNode {
  return <Page title="Containers">…</Page>;
}
