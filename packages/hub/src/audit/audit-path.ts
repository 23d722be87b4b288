/**
 * Parameters of Docker's API and the hub's that say what was done and can hold no secret. All others are left out: a token in the
 * query, build arguments, the URL of a build's sources with a password in it, a command line.
 */
const SAFE_PARAMETERS: ReadonlySet<string> = new Set([
  "all",
  "condition",
  "container",
  "force",
  "fromImage",
  "h",
  "link",
  "name",
  "noprune",
  "overlapSeconds",
  "path",
  "platform",
  "pull",
  "repo",
  "signal",
  "stderr",
  "stdin",
  "stdout",
  "stream",
  "t",
  "tag",
  "user",
  "v",
  "w",
]);

/** Names of images and files are shorter; what is longer is no such thing. */
const MAX_VALUE_LENGTH = 200;

/** What the audit log keeps of a URL: its path, and the parameters that can hold no secret. */
export function auditPath(url: string): string {
  // A proxy's form, http://user:password@host/path, keeps its path alone.
  const target = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, "");
  const at = target.search(/[?#]/);
  if (at === -1) return target;
  const kept = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(target.slice(at + 1))) {
    if (SAFE_PARAMETERS.has(name) && !CREDENTIALS.test(value)) kept.append(name, value.slice(0, MAX_VALUE_LENGTH));
  }
  return kept.size === 0 ? target.slice(0, at) : `${target.slice(0, at)}?${kept.toString()}`;
}

/** `https://user:password@host`, wherever somebody puts it. */
const CREDENTIALS = /:\/\/[^/]*@/;
