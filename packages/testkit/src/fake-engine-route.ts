/** Path without version and query. */
export function pathOf(url: string): string {
  return (url.split("?")[0] ?? "").replace(/^\/v\d+\.\d+(?=\/)/, "");
}

/** `route` is `METHOD PATH`, where `*` stands for a method or one segment. */
export function matchesRoute(route: string, method: string, path: string): boolean {
  const wanted = route.replace(" ", "/").split(/\/+/);
  const actual = `${method}${path}`.split(/\/+/);
  return wanted.length === actual.length && wanted.every((part, index) => part === "*" || part === actual[index]);
}
