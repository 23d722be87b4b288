import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function DevicePage(): ReactNode {
  return <Page title="Device login">…</Page>;
}
