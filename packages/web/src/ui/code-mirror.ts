import {
  bracketMatching,
  defaultHighlightStyle,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from "@codemirror/language";
import { unifiedMergeView } from "@codemirror/merge";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { minimalSetup } from "codemirror";
import type { CodeLanguage } from "./code-language.ts";
import { loadLanguage } from "./load-language.ts";

/** Only ever loaded by a dynamic import: an editor is heavier than the rest of the page. */
export interface CodeOptions {
  readonly text: string;
  readonly label: string;
  readonly language: CodeLanguage;
  /** Absent: to be read only. */
  readonly onChange?: (text: string) => void;
  /** What it was before: lines that differ are marked, and what is the same is folded. */
  readonly original?: string;
}

export interface CodeHandle {
  setText(text: string): void;
  search(): void;
  destroy(): void;
}

/** What stays between changes, and how much is worth folding. */
const COLLAPSE = { margin: 3, minSize: 6 };

export async function createCode(parent: HTMLElement, options: CodeOptions): Promise<CodeHandle> {
  const { text, label, language, onChange, original } = options;
  const extensions: Extension[] = [
    minimalSetup,
    lineNumbers(),
    foldGutter(),
    bracketMatching(),
    highlightSelectionMatches(),
    search({ top: true }),
    keymap.of([...searchKeymap, ...foldKeymap]),
    syntaxHighlighting(HIGHLIGHTS),
    THEME,
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    await loadLanguage(language),
  ];
  if (onChange) {
    extensions.push(
      indentOnInput(),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onChange(update.state.doc.toString());
      }),
    );
  } else {
    extensions.push(
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ "aria-readonly": "true" }),
    );
  }
  if (original !== undefined)
    extensions.push(unifiedMergeView({ original, mergeControls: false, collapseUnchanged: COLLAPSE }));
  const view = new EditorView({ parent, state: EditorState.create({ doc: text, extensions }) });
  return {
    setText(next) {
      const now = view.state.doc.toString();
      if (now !== next) view.dispatch({ changes: { from: 0, to: now.length, insert: next } });
    },
    search: () => void openSearchPanel(view),
    destroy: () => view.destroy(),
  };
}

/** The editor's own colours are for white paper; these are the page's, by what theirs stand for. */
const COLOURS: Readonly<Record<string, string>> = {
  "#708": "var(--fl-warn)",
  "#219": "var(--fl-warn)",
  "#164": "var(--fl-good)",
  "#a11": "var(--mantine-color-anchor)",
  "#e40": "var(--mantine-color-anchor)",
  "#940": "var(--mantine-color-dimmed)",
  "#404740": "var(--mantine-color-dimmed)",
  "#f00": "var(--fl-bad)",
};

const HIGHLIGHTS = HighlightStyle.define(
  defaultHighlightStyle.specs.map(({ tag, color, ...rest }) => ({
    ...rest,
    tag,
    ...(typeof color === "string" ? { color: COLOURS[color] ?? "inherit" } : {}),
  })),
);

const mix = (variable: string, percent: number): string =>
  `color-mix(in srgb, var(${variable}) ${percent}%, transparent)`;

const THEME = EditorView.theme({
  "&": { height: "100%", color: "var(--mantine-color-text)", backgroundColor: "var(--fl-surface)" },
  "&.cm-focused": { outline: "2px solid var(--mantine-color-anchor)", outlineOffset: "-2px" },
  ".cm-scroller": {
    fontFamily: "var(--mantine-font-family-monospace)",
    fontSize: "var(--mantine-font-size-xs)",
    lineHeight: "1.6",
    overflow: "auto",
  },
  ".cm-gutters": {
    backgroundColor: "var(--fl-ground)",
    color: "var(--mantine-color-dimmed)",
    borderRight: "1px solid var(--fl-line)",
  },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: mix("--mantine-color-sea-6", 30),
  },
  ".cm-searchMatch": { backgroundColor: mix("--fl-warn", 30) },
  ".cm-searchMatch-selected": { backgroundColor: mix("--fl-warn", 60) },
  ".cm-panels": {
    backgroundColor: "var(--fl-ground)",
    color: "var(--mantine-color-text)",
    borderBottom: "1px solid var(--fl-line)",
  },
  ".cm-textfield, .cm-button": {
    backgroundColor: "var(--fl-surface)",
    backgroundImage: "none",
    color: "var(--mantine-color-text)",
    border: "1px solid var(--mantine-color-default-border)",
    borderRadius: "var(--mantine-radius-sm)",
    fontSize: "var(--mantine-font-size-xs)",
  },
  ".cm-foldPlaceholder": { backgroundColor: "transparent", border: "none", color: "var(--mantine-color-dimmed)" },
  "&.cm-merge-b .cm-changedLine": { backgroundColor: mix("--fl-good", 14) },
  "&.cm-merge-b .cm-changedText": { background: mix("--fl-good", 28) },
  ".cm-deletedChunk": { backgroundColor: mix("--fl-bad", 14) },
  "&.cm-merge-b .cm-deletedText": { background: mix("--fl-bad", 28) },
  // The colours of the language are for the page's own ground.
  ".cm-changedText, .cm-deletedText, :is(.cm-changedText, .cm-deletedText) *": { color: "var(--mantine-color-text)" },
  // The marks that come with it are in none of the page's fonts.
  ".cm-collapsedLines::before, .cm-collapsedLines::after": { content: '"…"' },
  ".cm-collapsedLines": {
    background: "var(--fl-ground)",
    color: "var(--mantine-color-dimmed)",
    fontSize: "var(--mantine-font-size-xs)",
  },
});
