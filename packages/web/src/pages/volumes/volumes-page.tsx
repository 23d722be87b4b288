import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function VolumesPage(): ReactNode {
  return <Page title="Volumes">…</Page>;
}
