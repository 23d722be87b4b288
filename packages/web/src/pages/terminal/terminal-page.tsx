import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function TerminalPage(): ReactNode {
  return <Page title="Terminals">…</Page>;
}
