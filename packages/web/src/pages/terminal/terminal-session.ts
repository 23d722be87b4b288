import { hub } from "../../hub/client.ts";
import { Store } from "../../hub/store.ts";
import { notifyDone, notifyFailed } from "../../ui/notify.tsx";
import { ExecConnection } from "./exec-connection.ts";
import { describeExit, type ExecOutcome } from "./exec-outcome.ts";
import { isKeyOfPage } from "./page-keys.ts";
import { inputPieces } from "./paste.ts";
import type { Screen } from "./screen.ts";
import type { Program } from "./shell-choice.ts";
import { confirmLink, confirmPaste } from "./terminal-questions.tsx";
import { terminalSettings } from "./terminal-settings.ts";
import { formatNumber } from "../../ui/format.ts";

/** The container that a terminal is in. */
export interface TerminalTarget {
  readonly environmentId: number;
  readonly environmentName: string;
  readonly containerId: string;
  readonly name: string;
}

/** Unix milliseconds. */
interface At {
  readonly at: number;
}

export type TerminalState =
  | ({ readonly phase: "starting" } & At)
  | ({ readonly phase: "running" } & At)
  | ({ readonly phase: "ended"; readonly outcome: ExecOutcome } & At);

interface Found {
  readonly index: number;
  readonly count: number;
}

/** The hub takes a megabyte a message; smaller ones let keystrokes in between. */
const INPUT_PIECE_BYTES = 64 * 1024;
/** Output that waits to be drawn: what a program can tell in a second or two. xterm.js throws away what goes beyond 50 MB. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

let lastId = 0;

/**
 * A terminal: its screen, and the program that writes to it now. It lives outside of the page's tree, so that it runs on while other
 * pages are looked at; whoever shows it gives its element a place.
 */
export class TerminalSession {
  readonly id: string = String((lastId += 1));
  readonly target: TerminalTarget;
  readonly program: Program;
  readonly state = new Store<TerminalState>({ phase: "starting", at: Date.now() });
  /** Matches of the last search. */
  readonly found = new Store<Found>({ index: -1, count: 0 });
  readonly failure = new Store<Error | null>(null);
  /** What ran last was lost, and nothing has been started since. */
  lost: { readonly at: number; readonly message: string } | undefined;
  /** What is drawn into. */
  readonly element: HTMLDivElement = document.createElement("div");
  /** Ctrl-Shift-F in it. */
  onSearch: (() => void) | undefined;
  #screen: Screen | undefined;
  #isOpened = false;
  #connection: ExecConnection | undefined;
  #colors: "light" | "dark" = "light";
  #waitingBytes = 0;
  #leftOutBytes = 0;
  #closed = false;
  readonly #stopSettings: () => void;

  constructor(target: TerminalTarget, program: Program) {
    this.target = target;
    this.program = program;
    this.element.className = "fl-terminal-screen";
    this.element.addEventListener("paste", (event) => this.#onPaste(event), { capture: true });
    this.#stopSettings = terminalSettings.subscribe(() => {
      if (this.#screen) this.#screen.screenReaderMode = terminalSettings.value.screenReader;
    });
  }

  /** Shows it in there. The first time it is drawn and its program starts: with the size that it has then. */
  attach(host: HTMLElement): void {
    host.append(this.element);
    if (!this.#isOpened) void this.#open();
    this.#isOpened = true;
    this.fit();
  }

  detach(host: HTMLElement): void {
    if (this.element.parentElement === host) this.element.remove();
  }

  async #open(): Promise<void> {
    try {
      const { Screen } = await import("./screen.ts");
      await Screen.font();
      if (this.#closed) return;
      this.#screen = new Screen(
        {
          onInput: (text) => this.#input(text),
          onBinary: (bytes) => this.#connection?.send(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))),
          onResize: (size) => this.#connection?.resize(size),
          onKey: (event) => this.#onKey(event),
          onLink: (address, text) => void confirmLink(address, text),
          onFound: (result) => this.found.set(result),
        },
        terminalSettings.value.screenReader,
      );
      this.#screen.colors = this.#colors;
      this.#screen.open(this.element);
      this.fit();
      this.start();
      this.focus();
    } catch (error) {
      this.failure.set(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Starts its program, or another one of the same kind after the first has ended; what was written stays above. */
  start(): void {
    const screen = this.#screen;
    if (!screen || this.#closed || (this.#connection && this.state.value.phase !== "ended")) return;
    this.#connection?.close();
    const { containerId: container, environmentId } = this.target;
    const { cmd, user } = this.program;
    const size = screen.size;
    this.state.set({ phase: "starting", at: Date.now() });
    const url = hub.execUrl(environmentId, { container, cmd, ...(user === "" ? {} : { user }), ...size });
    this.#connection = new ExecConnection(url, {
      onReady: () => {
        this.lost = undefined;
        this.state.set({ phase: "running", at: Date.now() });
        if (screen.size.cols !== size.cols || screen.size.rows !== size.rows) this.#connection?.resize(screen.size);
      },
      onBytes: (bytes) => this.#output(screen, bytes),
      onEnd: (outcome) => this.#onEnd(screen, outcome),
    });
  }

  #onEnd(screen: Screen, outcome: ExecOutcome): void {
    const at = Date.now();
    const time = new Date(at).toLocaleTimeString();
    if (outcome.kind === "exited") screen.note(`${time}  ${describeExit(outcome.exitCode)}`);
    else if (outcome.kind === "lost") {
      this.lost = { at, message: outcome.message };
      screen.note(`${time}  ${outcome.message} The shell and what ran in it ended.`);
    }
    this.state.set({ phase: "ended", at, outcome });
  }

  #output(screen: Screen, bytes: Uint8Array): void {
    if (this.#waitingBytes + bytes.length > MAX_WAITING_BYTES) {
      this.#leftOutBytes += bytes.length;
      return;
    }
    if (this.#leftOutBytes > 0) {
      screen.note(`${formatNumber(this.#leftOutBytes)} bytes came faster than they can be shown: left out here.`);
      this.#leftOutBytes = 0;
    }
    this.#waitingBytes += bytes.length;
    screen.write(bytes, () => (this.#waitingBytes -= bytes.length));
  }

  #input(text: string): void {
    for (const piece of inputPieces(text, INPUT_PIECE_BYTES)) this.#connection?.send(piece);
  }

  #onPaste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    event.preventDefault();
    event.stopImmediatePropagation();
    void this.#paste(text);
  }

  async #paste(text: string): Promise<void> {
    if (text !== "" && this.state.value.phase !== "ended" && (await confirmPaste(text, this.target.name))) {
      this.#screen?.paste(text);
    }
    this.focus();
  }

  /** @returns false for keys that are not the program's. */
  #onKey(event: KeyboardEvent): boolean {
    if (!isKeyOfPage(event)) return true;
    if (event.type !== "keydown") return false;
    if (event.code === "KeyC") {
      event.preventDefault();
      this.copySelection();
    } else if (event.code === "KeyF") {
      event.preventDefault();
      this.onSearch?.();
    }
    return false;
  }

  copySelection(): void {
    const text = this.#screen?.selection ?? "";
    if (text === "") return;
    if (navigator.clipboard === undefined) {
      notifyFailed("Copying", "This browser lets pages copy over https only. Use the browser's own menu.");
      return;
    }
    navigator.clipboard.writeText(text).then(
      () => notifyDone("Copied"),
      (error: unknown) => notifyFailed("Copying", error),
    );
  }

  /** As if it had been typed. */
  type(text: string): void {
    this.#input(text);
    this.focus();
  }

  /** Takes the room that it has now. */
  fit(): void {
    if (this.#screen && this.element.clientWidth > 0 && this.element.clientHeight > 0) this.#screen.fit();
  }

  focus(): void {
    this.#screen?.focus();
  }

  setColors(scheme: "light" | "dark"): void {
    this.#colors = scheme;
    if (this.#screen) this.#screen.colors = scheme;
  }

  find(text: string, direction: "next" | "previous", incremental = false): void {
    if (!this.#screen?.find(text, direction, incremental)) this.found.set({ index: -1, count: 0 });
  }

  /** Ends it for good: its program, its screen and what was written. */
  close(): void {
    this.#closed = true;
    this.#stopSettings();
    this.#connection?.close();
    this.#screen?.dispose();
    this.element.remove();
  }
}
