import type { ReactNode } from "react";
import { CodeEditor } from "./code-editor.tsx";
import type { CodeLanguage } from "./code-language.ts";

export interface DiffViewProps {
  readonly before: string;
  readonly after: string;
  readonly label: string;
  readonly language?: CodeLanguage;
}

/** How two texts differ, line by line; what is the same is folded. Fills the height that it is given. */
export function DiffView({ before, after, label, language = "text" }: DiffViewProps): ReactNode {
  return <CodeEditor value={after} original={before} label={label} language={language} />;
}
