import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function ContainerPage(): ReactNode {
  return <Page title="Container">…</Page>;
}
