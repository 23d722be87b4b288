type Key = Pick<KeyboardEvent, "ctrlKey" | "shiftKey" | "altKey" | "metaKey" | "code">;

/** Keys that a terminal does not get: copy, paste (which the browser does itself), search, and those that move between terminals. */
const PAGE_KEYS = new Set(["KeyC", "KeyV", "KeyF", "ArrowLeft", "ArrowRight", "ArrowUp"]);

/** Ctrl-Shift with one of them; programs in terminals cannot tell these from other keys anyway, but for arrows. */
export function isKeyOfPage({ ctrlKey, shiftKey, altKey, metaKey, code }: Key): boolean {
  return ctrlKey && shiftKey && !altKey && !metaKey && PAGE_KEYS.has(code);
}

/** Which tab Ctrl-Shift-arrow leads to; undefined for other keys. */
export function tabOfKey(event: Key, tabs: readonly string[], selected: string | undefined): string | undefined {
  if (!isKeyOfPage(event) || tabs.length === 0) return undefined;
  const step = event.code === "ArrowRight" ? 1 : event.code === "ArrowLeft" ? -1 : 0;
  if (step === 0) return undefined;
  const at = selected === undefined ? 0 : tabs.indexOf(selected);
  return tabs[(at + step + tabs.length) % tabs.length];
}
