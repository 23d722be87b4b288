import { Store, useStore } from "../../hub/store.ts";
import { readSavedViews, type SavedViews } from "./saved-views.ts";

const KEY = "fairlead.fleet-views";

/** Views are this browser's own. */
const savedViews = new Store<SavedViews>(readSavedViews(kept()));

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    // Browsers may forbid it: then views last as long as the page.
    return null;
  }
}

function save(views: SavedViews): void {
  savedViews.set(views);
  try {
    localStorage.setItem(KEY, JSON.stringify(views));
  } catch {
    // As above.
  }
}

export function useSavedViews(): readonly [SavedViews, (views: SavedViews) => void] {
  return [useStore(savedViews), save];
}
