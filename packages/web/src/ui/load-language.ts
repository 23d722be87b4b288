import { StreamLanguage, type StreamParser } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import type { CodeLanguage } from "./code-language.ts";

/** Each is its own small file, loaded when a text of it is shown. */
const PARSERS: Partial<Record<CodeLanguage, () => Promise<StreamParser<unknown>>>> = {
  shell: async () => (await import("@codemirror/legacy-modes/mode/shell")).shell,
  properties: async () => (await import("@codemirror/legacy-modes/mode/properties")).properties,
  toml: async () => (await import("@codemirror/legacy-modes/mode/toml")).toml,
  nginx: async () => (await import("@codemirror/legacy-modes/mode/nginx")).nginx,
  dockerfile: async () => (await import("@codemirror/legacy-modes/mode/dockerfile")).dockerFile,
  python: async () => (await import("@codemirror/legacy-modes/mode/python")).python,
  javascript: async () => (await import("@codemirror/legacy-modes/mode/javascript")).javascript,
  xml: async () => (await import("@codemirror/legacy-modes/mode/xml")).xml,
  css: async () => (await import("@codemirror/legacy-modes/mode/css")).css,
  sql: async () => (await import("@codemirror/legacy-modes/mode/sql")).standardSQL,
};

export async function loadLanguage(language: CodeLanguage): Promise<Extension> {
  if (language === "json") return (await import("@codemirror/lang-json")).json();
  if (language === "yaml") return (await import("@codemirror/lang-yaml")).yaml();
  const parser = await PARSERS[language]?.();
  return parser ? StreamLanguage.define(parser) : [];
}
