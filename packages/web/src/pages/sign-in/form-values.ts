import type { FormEvent } from "react";

/** The texts of a form that is sent, by the names of its fields; the browser does not send it. */
export function formValues(event: FormEvent<HTMLFormElement>): Readonly<Record<string, string>> {
  event.preventDefault();
  const entries = [...new FormData(event.currentTarget)];
  return Object.fromEntries(entries.map(([name, value]) => [name, typeof value === "string" ? value : ""]));
}
