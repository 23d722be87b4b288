import { Store } from "../../hub/store.ts";

/** What somebody chose of all terminals; kept in the browser. */
export interface TerminalSettings {
  /** xterm.js keeps its text where screen readers find it; that costs speed. */
  readonly screenReader: boolean;
  /** A new shell by itself when the hub or the host is back. */
  readonly restart: boolean;
}

const KEY = "fairlead.terminal";

export const terminalSettings = new Store<TerminalSettings>(read());

export function setTerminalSettings(change: Partial<TerminalSettings>): void {
  terminalSettings.set({ ...terminalSettings.value, ...change });
  try {
    localStorage.setItem(KEY, JSON.stringify(terminalSettings.value));
  } catch {
    // A browser that keeps nothing: it holds as long as the page.
  }
}

function read(): TerminalSettings {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<TerminalSettings>;
    return { screenReader: kept.screenReader === true, restart: kept.restart === true };
  } catch {
    return { screenReader: false, restart: false };
  }
}
