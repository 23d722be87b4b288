import { useMediaQuery } from "@mantine/hooks";

/** True where a table of many columns has no room: below 48 em, Mantine's `sm`. It is known with the first picture. */
export function useNarrow(): boolean {
  return useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
}
