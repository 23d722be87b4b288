import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function EnvironmentPage(): ReactNode {
  return <Page title="Environment">…</Page>;
}
