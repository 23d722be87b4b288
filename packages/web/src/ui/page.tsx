import { Box, Group, Stack, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

export interface PageProps {
  /** The page's one heading, and the tab's title. */
  readonly title: string;
  /** In place of the plain heading, for one with marks or links in it. */
  readonly heading?: ReactNode;
  /** Beside the heading: what can be done here. */
  readonly actions?: ReactNode;
  /** Under the heading. */
  readonly description?: ReactNode;
  /** The content takes the window's height and scrolls within itself (tables, logs). Default: the page scrolls. */
  readonly fill?: boolean;
  readonly children: ReactNode;
}

/** A page: its title, its actions, its content. */
export function Page({ title, heading, actions, description, fill = false, children }: PageProps): ReactNode {
  useEffect(() => {
    document.title = `${title} · Fairlead`;
  }, [title]);
  return (
    <Stack gap="md" p={{ base: "sm", sm: "md" }} {...(fill ? { h: "100%", style: { minHeight: 0 } } : {})}>
      <Group justify="space-between" gap="sm">
        <Box miw={0}>
          {heading ?? <Title order={1}>{title}</Title>}
          {description !== undefined && (
            <Box c="dimmed" fz="sm" mt={2}>
              {description}
            </Box>
          )}
        </Box>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
