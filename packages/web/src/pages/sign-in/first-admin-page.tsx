import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function FirstAdminPage(): ReactNode {
  return <Page title="First admin">…</Page>;
}
