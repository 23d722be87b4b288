import type { Tone } from "./tone.ts";

export interface ChartColors {
  readonly series: readonly string[];
  readonly text: string;
  readonly line: string;
  readonly gap: string;
  readonly tones: Readonly<Record<Tone, string>>;
}

/** A canvas knows no CSS variables: these are the theme's. Lines differ in lightness, too; past the last one in dashes. */
export const CHART_COLORS: Readonly<Record<"light" | "dark", ChartColors>> = {
  light: {
    series: ["#0b6b7e", "#b4571a", "#5b3fa8", "#2f7d32", "#a8326e", "#1f5fbf"],
    text: "#4f5b66",
    line: "#e4e8ec",
    gap: "#66717c1f",
    tones: { good: "#1a7f4b", warn: "#9a5b00", bad: "#b42318", idle: "#66717c" },
  },
  dark: {
    series: ["#66c7d7", "#f2a65e", "#b9a3f5", "#7fd08a", "#f08fc0", "#8bb8ff"],
    text: "#a3adb8",
    line: "#2d353d",
    gap: "#939eaa24",
    tones: { good: "#4cc38a", warn: "#f0b34a", bad: "#ff8a7d", idle: "#939eaa" },
  },
};

const DASHES: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/** The colours go round; each time with another dash. */
export function lineDash(index: number): readonly number[] {
  return DASHES[Math.floor(index / CHART_COLORS.light.series.length) % DASHES.length] ?? [];
}
