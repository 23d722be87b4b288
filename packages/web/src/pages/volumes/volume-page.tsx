import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function VolumePage(): ReactNode {
  return <Page title="Volume">…</Page>;
}
