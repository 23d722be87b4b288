import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function ImagePage(): ReactNode {
  return <Page title="Image">…</Page>;
}
