import { type CSSVariablesResolver, createTheme, type MantineColorsTuple, rem } from "@mantine/core";

/** The one accent: the green-blue of deep water. Every other colour means a state. */
const sea: MantineColorsTuple = [
  "#e3f8fb",
  "#c9edf3",
  "#9adbe6",
  "#66c7d7",
  "#3fb3c7",
  "#1f9bb1",
  "#0f8399",
  "#0b6b7e",
  "#0a5868",
  "#084654",
];

export const theme = createTheme({
  primaryColor: "sea",
  primaryShade: { light: 7, dark: 7 },
  colors: { sea },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  defaultRadius: "sm",
  // One scale of type and one of space, in rem; nothing in the page has a size of its own.
  fontSizes: { xs: rem(12), sm: rem(13.5), md: rem(15), lg: rem(18), xl: rem(22) },
  spacing: { xs: rem(6), sm: rem(10), md: rem(16), lg: rem(24), xl: rem(36) },
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: rem(22), lineHeight: "1.3" },
      h2: { fontSize: rem(18), lineHeight: "1.35" },
      h3: { fontSize: rem(15), lineHeight: "1.4" },
    },
  },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // Its placeholder is a button without a name.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Tooltip: {
      defaultProps: {
        withArrow: true,
        multiline: true,
        maw: 320,
        openDelay: 200,
        events: { hover: true, focus: true, touch: true },
      },
    },
    Modal: {
      defaultProps: { centered: true, closeButtonProps: { "aria-label": "Close" }, transitionProps: { duration: 120 } },
    },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Drawer: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Text: { defaultProps: { fz: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", checkIconPosition: "right" } },
    Button: { defaultProps: { size: "sm" } },
    Table: { defaultProps: { verticalSpacing: "xs", horizontalSpacing: "sm" } },
    Code: { defaultProps: { fz: "xs" } },
  },
});

/** Mantine's own dimmed and coloured texts are paler than WCAG AA asks for. */
const LIGHT_TEXT = { red: "9", orange: "9", yellow: "9", green: "9", teal: "9", blue: "9", gray: "8", sea: "8" };
const DARK_TEXT = { red: "3", orange: "3", yellow: "3", green: "3", teal: "3", blue: "3", gray: "3", sea: "3" };

const lightTexts = (shades: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(shades).map(([color, shade]) => [
      `--mantine-color-${color}-light-color`,
      `var(--mantine-color-${color}-${shade})`,
    ]),
  );

/** Colours by what they mean; see `app.css` for where they are used. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...lightTexts(LIGHT_TEXT),
    // Mantine's darkest orange is still too pale on its lightest.
    "--mantine-color-orange-light-color": "#7a4600",
    "--mantine-color-dimmed": "#4f5b66",
    "--mantine-color-placeholder": "#66717c",
    "--mantine-color-error": "#b42318",
    "--mantine-color-anchor": "#0a5868",
    "--fl-good": "#1a7f4b",
    "--fl-warn": "#9a5b00",
    "--fl-bad": "#b42318",
    "--fl-idle": "#66717c",
    "--fl-surface": "#ffffff",
    "--fl-ground": "#f4f6f8",
    "--fl-line": "#dde2e7",
  },
  dark: {
    ...lightTexts(DARK_TEXT),
    "--mantine-color-body": "#14181c",
    "--mantine-color-dimmed": "#a3adb8",
    "--mantine-color-placeholder": "#939eaa",
    "--mantine-color-error": "#ff9b8f",
    "--mantine-color-anchor": "#66c7d7",
    "--mantine-color-default-border": "#39424b",
    "--fl-good": "#4cc38a",
    "--fl-warn": "#f0b34a",
    "--fl-bad": "#ff8a7d",
    "--fl-idle": "#939eaa",
    "--fl-surface": "#1a2026",
    "--fl-ground": "#14181c",
    "--fl-line": "#2d353d",
  },
});
