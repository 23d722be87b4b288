const NAMES: Readonly<Record<string, string>> = { Edg: "Edge", OPR: "Opera" };

/** A browser's own name for itself is long; people know it by two words of it: "Firefox on Linux". */
export function browserName(userAgent: string | null): string {
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\//.exec(userAgent?.replace(/.*(?=Edg\/|OPR\/)/, "") ?? "")?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(userAgent ?? "")?.[1];
  const name = browser === undefined ? "A browser" : (NAMES[browser] ?? browser);
  return system === undefined ? name : `${name} on ${system}`;
}
