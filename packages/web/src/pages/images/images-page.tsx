import type { ReactNode } from "react";
import { Page } from "../../ui/page.tsx";

export function ImagesPage(): ReactNode {
  return <Page title="Images">…</Page>;
}
