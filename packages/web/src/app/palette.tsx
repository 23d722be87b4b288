import { useHotkeys } from "@mantine/hooks";
import { type ReactNode, useEffect } from "react";
import { Store, useStore } from "../hub/store.ts";
import { late } from "../ui/late.tsx";

const opened = new Store(false);
/** The page comes first; after this the palette is read, so that Ctrl-K need not wait for it. */
const READ_AFTER_MS = 1_000;

const CommandPalette = late(async () => (await import("./command-palette.tsx")).CommandPalette);

export function openPalette(): void {
  opened.set(true);
}

export function closePalette(): void {
  opened.set(false);
}

/** Where Ctrl-K opens the command palette. */
export function PalettePlace(): ReactNode {
  const isOpen = useStore(opened);
  useHotkeys([["mod+K", openPalette]], []);
  useEffect(() => {
    const timer = setTimeout(CommandPalette.read, READ_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return isOpen ? <CommandPalette /> : null;
}
