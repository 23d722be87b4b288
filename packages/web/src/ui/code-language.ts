/** Languages that code is coloured as. */
export type CodeLanguage =
  | "text"
  | "json"
  | "yaml"
  | "shell"
  | "properties"
  | "toml"
  | "nginx"
  | "dockerfile"
  | "python"
  | "javascript"
  | "xml"
  | "css"
  | "sql";

const BY_EXTENSION: Readonly<Record<string, CodeLanguage>> = {
  json: "json",
  yaml: "yaml",
  yml: "yaml",
  sh: "shell",
  bash: "shell",
  profile: "shell",
  conf: "properties",
  cnf: "properties",
  ini: "properties",
  properties: "properties",
  env: "properties",
  cfg: "properties",
  toml: "toml",
  dockerfile: "dockerfile",
  py: "python",
  js: "javascript",
  mjs: "javascript",
  cjs: "javascript",
  ts: "javascript",
  xml: "xml",
  html: "xml",
  svg: "xml",
  css: "css",
  sql: "sql",
};

/** The language of a file, by its path. */
export function languageOf(path: string): CodeLanguage {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  if (/nginx/.test(path) && name.endsWith(".conf")) return "nginx";
  if (/^(docker|container)file/.test(name)) return "dockerfile";
  const extension = name.slice(name.lastIndexOf(".") + 1);
  return BY_EXTENSION[extension] ?? "text";
}
