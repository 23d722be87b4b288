import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { Terminal } from "@xterm/xterm";
import { TERMINAL_COLORS } from "./terminal-colors.ts";

/** Lines kept above the screen of one terminal; the oldest go first. Some 10 MB when all are full and wide. */
const SCROLLBACK_LINES = 10_000;
const FONT = "'JetBrains Mono Variable', ui-monospace, monospace";
const FONT_PX = 13.5;

/** Takes back the modes that a program set and could not take back itself: mouse, cursor, paste, keypad, attributes. */
const RESET_MODES = "\x1b[?1000;1002;1003;1004;1006;2004l\x1b[?25h\x1b[?1l\x1b>\x1b[!p\x1b[0m";
/** Leaves the other screen of programs such as editors. From the first screen it would move the cursor. */
const LEAVE_OTHER_SCREEN = "\x1b[?1049l";

export interface ScreenEvents {
  /** Typed or pasted: goes to the program. */
  readonly onInput: (text: string) => void;
  /** The same as bytes, one a character: reports of the mouse in old encodings. */
  readonly onBinary: (bytes: string) => void;
  readonly onResize: (size: { readonly cols: number; readonly rows: number }) => void;
  /** False: the terminal leaves this key to the page. */
  readonly onKey: (event: KeyboardEvent) => boolean;
  /** Somebody followed a link of the output. */
  readonly onLink: (address: string, text: string | undefined) => void;
  readonly onFound: (result: { readonly index: number; readonly count: number }) => void;
}

/** One xterm.js with what it needs. All of xterm.js is in here, so that it is loaded with the first terminal. */
export class Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #search = new SearchAddon({ highlightLimit: 1_000 });
  #scheme: "light" | "dark" = "light";

  constructor(events: ScreenEvents, screenReaderMode: boolean) {
    const terminal = new Terminal({
      allowProposedApi: true,
      scrollback: SCROLLBACK_LINES,
      fontFamily: FONT,
      fontSize: FONT_PX,
      lineHeight: 1.15,
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      // Programs choose colours for grounds of their own.
      minimumContrastRatio: 4.5,
      screenReaderMode,
      // Addresses under another text: they show where they lead before they do.
      linkHandler: { activate: (event, address) => events.onLink(address, (event.target as HTMLElement).innerText) },
    });
    this.#terminal = terminal;
    terminal.loadAddon(this.#fit);
    terminal.loadAddon(this.#search);
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = "11";
    terminal.loadAddon(new WebLinksAddon((_, address) => events.onLink(address, undefined)));
    terminal.onData(events.onInput);
    terminal.onBinary(events.onBinary);
    terminal.onResize(events.onResize);
    terminal.attachCustomKeyEventHandler(events.onKey);
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) =>
      events.onFound({ index: resultIndex, count: resultCount }),
    );
  }

  /** Draws into an element of the page; once. Letters are measured, so their font must be there. */
  static async font(): Promise<void> {
    await document.fonts.load(`${FONT_PX}px ${FONT}`).catch(() => {});
  }

  open(element: HTMLElement): void {
    this.#terminal.open(element);
  }

  get size(): { readonly cols: number; readonly rows: number } {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  /** Takes the room that its element has. */
  fit(): void {
    this.#fit.fit();
  }

  focus(): void {
    this.#terminal.focus();
  }

  write(data: Uint8Array | string, written?: () => void): void {
    this.#terminal.write(data, written);
  }

  /** A line of the page itself between what programs wrote. */
  note(text: string): void {
    // Behind all that waits to be drawn: only then it is known which screen is shown.
    this.#terminal.write("", () => {
      const leave = this.#terminal.buffer.active.type === "alternate" ? LEAVE_OTHER_SCREEN : "";
      this.#terminal.write(`${leave}${RESET_MODES}\r\n\x1b[90m${text}\x1b[0m\r\n`);
    });
  }

  paste(text: string): void {
    this.#terminal.paste(text);
  }

  set colors(scheme: "light" | "dark") {
    this.#scheme = scheme;
    this.#terminal.options.theme = TERMINAL_COLORS[scheme];
  }

  set screenReaderMode(on: boolean) {
    this.#terminal.options.screenReaderMode = on;
  }

  /** @returns whether it is there at all. */
  find(text: string, direction: "next" | "previous", incremental: boolean): boolean {
    if (text === "") {
      this.#search.clearDecorations();
      return false;
    }
    const [match, active] = this.#scheme === "light" ? ["#f7cd86", "#f0a53a"] : ["#6b4a10", "#a87414"];
    const decorations = {
      matchBackground: match,
      matchOverviewRuler: match,
      activeMatchBackground: active,
      activeMatchColorOverviewRuler: active,
    };
    return direction === "next"
      ? this.#search.findNext(text, { incremental, decorations })
      : this.#search.findPrevious(text, { decorations });
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
