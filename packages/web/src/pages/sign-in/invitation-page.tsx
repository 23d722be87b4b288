import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function InvitationPage(): ReactNode {
  return <Page title="Invitation">…</Page>;
}
