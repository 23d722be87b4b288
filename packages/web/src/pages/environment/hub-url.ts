/** A hub's address as it is typed, without a slash at the end; undefined when it is none. */
export function hubUrlOf(text: string): string | undefined {
  const url = URL.parse(text.trim());
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  return (url.origin + url.pathname).replace(/\/+$/, "");
}

/** An address that means another machine on every machine. */
export function isOwnMachine(url: string): boolean {
  return /^(localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname);
}
