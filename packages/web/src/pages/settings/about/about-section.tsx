import type { ReactNode } from "react";
import { Section } from "../section.tsx";

export function AboutSection(): ReactNode {
  return <Section title="Hub, retention and OIDC">…</Section>;
}
