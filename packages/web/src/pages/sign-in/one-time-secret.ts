import { useEffect, useState } from "react";

/** The secret of a one-time link stands after the #; it does not stay in the address bar and the history. */
function take(): string {
  const secret = location.hash.slice(1);
  if (secret !== "") history.replaceState(history.state, "", location.pathname);
  return secret;
}

let taken: string | undefined;

/** The secret of the link that this page was opened with; empty without one. */
export function useOneTimeSecret(): string {
  const [secret, setSecret] = useState(() => (taken ??= take()));
  useEffect(() => {
    // Another link in the same tab loads no new document.
    const again = (): void => {
      if (location.hash !== "") setSecret((taken = take()));
    };
    addEventListener("hashchange", again);
    return () => removeEventListener("hashchange", again);
  }, []);
  return secret;
}

export const NO_SECRET = new Error("The link is not whole: open it as it was given, with all that stands after the #.");
