import { Box, Select } from "@mantine/core";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { NotFoundPage } from "../../app/not-found.tsx";
import { Page } from "../../ui/page.tsx";
import { AboutSection } from "./about/about-section.tsx";
import { AuditSection } from "./audit/audit-section.tsx";
import { EnvironmentsSection } from "./environments/environments-section.tsx";
import { PeopleSection } from "./people/people-section.tsx";
import { RolesSection } from "./roles/roles-section.tsx";
import { TokensSection } from "./tokens/tokens-section.tsx";

const SECTIONS: Readonly<Record<string, { readonly label: string; readonly show: () => ReactNode }>> = {
  environments: { label: "Environments and join keys", show: () => <EnvironmentsSection /> },
  tokens: { label: "API tokens", show: () => <TokensSection /> },
  people: { label: "People", show: () => <PeopleSection /> },
  roles: { label: "Roles", show: () => <RolesSection /> },
  audit: { label: "Audit log", show: () => <AuditSection /> },
  about: { label: "Hub, retention and OIDC", show: () => <AboutSection /> },
};

/** `/settings/SECTION`: what concerns the hub rather than a host. */
export function SettingsPage(): ReactNode {
  const { section = "environments" } = useParams({ strict: false }) as { section?: string };
  const navigate = useNavigate();
  const shown = Object.hasOwn(SECTIONS, section) ? SECTIONS[section] : undefined;
  if (!shown) return <NotFoundPage />;
  const entries = Object.entries(SECTIONS);
  return (
    <Page title={`${shown.label} · Settings`} heading={<h1 className="fl-heading">Settings</h1>}>
      <Select
        hiddenFrom="sm"
        aria-label="Section"
        allowDeselect={false}
        value={section}
        data={entries.map(([value, { label }]) => ({ value, label }))}
        onChange={(value) => value !== null && void navigate({ to: `/settings/${value}` })}
      />
      <Box style={{ display: "flex", gap: "var(--mantine-spacing-lg)", alignItems: "flex-start" }}>
        <Box component="nav" aria-label="Sections" visibleFrom="sm" w={210} style={{ flex: "none" }}>
          {entries.map(([name, { label }]) => (
            <Link
              key={name}
              to={`/settings/${name}`}
              className="fl-nav-link"
              data-status={name === section ? "active" : undefined}
            >
              {label}
            </Link>
          ))}
        </Box>
        <Box style={{ flex: 1, minWidth: 0 }}>{shown.show()}</Box>
      </Box>
    </Page>
  );
}
