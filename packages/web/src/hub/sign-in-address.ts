/** Pages that somebody who is not signed in may look at. */
const OPEN_PAGES = new Set(["/sign-in", "/first-admin", "/invitation"]);

let leaving = false;

/** Leads to the sign-in, and from there back to where one is now. */
export function goToSignIn(): void {
  const { pathname, search, hash } = location;
  if (leaving || OPEN_PAGES.has(pathname)) return;
  leaving = true;
  location.assign(`/sign-in?next=${encodeURIComponent(pathname + search + hash)}`);
}

/** What an address bar was given must not lead elsewhere. */
export function nextPage(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  const url = URL.parse(next, location.origin);
  return url?.origin === location.origin ? url.pathname + url.search + url.hash : "/";
}
