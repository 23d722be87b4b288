/** How a fleet is looked at. */
export interface FleetView {
  readonly filter: string;
  /** A column's name, `-` before it turns it round. */
  readonly sort: string;
  readonly layout: "rows" | "cards";
}

export interface SavedView extends FleetView {
  readonly name: string;
}

export interface SavedViews {
  readonly views: readonly SavedView[];
  /** What the fleet opens with; undefined: all hosts. */
  readonly first: string | undefined;
}

export const ALL_HOSTS: SavedView = { name: "All hosts", filter: "", sort: "name", layout: "rows" };
export const NO_VIEWS: SavedViews = { views: [], first: undefined };
/** A menu of more than these nobody reads; and a browser's storage is small. */
export const MAX_VIEWS = 50;
export const MAX_VIEW_NAME_LENGTH = 60;

/** What the browser kept; whatever is not as it should be is left out. */
export function readSavedViews(text: string | null): SavedViews {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? "null");
  } catch {
    return NO_VIEWS;
  }
  const { views, first } = (typeof kept === "object" && kept !== null ? kept : {}) as Partial<Record<string, unknown>>;
  const good: SavedView[] = [];
  for (const view of Array.isArray(views) ? (views as unknown[]) : []) {
    const read = readView(view);
    if (read && nameProblem(read.name, good) === undefined && good.length < MAX_VIEWS) good.push(read);
  }
  return { views: good, first: good.some(({ name }) => name === first) ? (first as string) : undefined };
}

function readView(view: unknown): SavedView | undefined {
  if (typeof view !== "object" || view === null) return undefined;
  const { name, filter, sort, layout } = view as Record<string, unknown>;
  if (typeof name !== "string" || typeof filter !== "string" || typeof sort !== "string") return undefined;
  return { name, filter, sort, layout: layout === "cards" ? "cards" : "rows" };
}

/** Why a new view cannot be called so; undefined when it can. */
export function nameProblem(name: string, others: readonly SavedView[]): string | undefined {
  if (name.trim() === "") return "Give the view a name.";
  if (name.length > MAX_VIEW_NAME_LENGTH) return `A name has at most ${MAX_VIEW_NAME_LENGTH} characters.`;
  const taken = [ALL_HOSTS, ...others].some((view) => view.name.toLowerCase() === name.trim().toLowerCase());
  return taken ? `There is a view named ${name.trim()} already.` : undefined;
}

/** Puts a view in, over the one of its name. */
export function withView({ views, first }: SavedViews, view: SavedView): SavedViews {
  const known = views.some(({ name }) => name === view.name);
  return { first, views: known ? views.map((old) => (old.name === view.name ? view : old)) : [...views, view] };
}

export function renamed({ views, first }: SavedViews, from: string, to: string): SavedViews {
  return {
    views: views.map((view) => (view.name === from ? { ...view, name: to } : view)),
    first: first === from ? to : first,
  };
}

export function withoutView({ views, first }: SavedViews, name: string): SavedViews {
  return { views: views.filter((view) => view.name !== name), first: first === name ? undefined : first };
}

/** The texts of the fleet's address. */
export interface FleetSearch {
  readonly view?: string | undefined;
  readonly q?: string | undefined;
  readonly sort?: string | undefined;
  readonly as?: string | undefined;
}

export interface ShownView extends FleetView {
  /** The view that was chosen; undefined when it is not one of this browser's. */
  readonly name: string | undefined;
  /** It was changed since it was chosen. */
  readonly changed: boolean;
}

/** What an address shows. It tells all that differs from all hosts, so it shows the same in a browser without the view. */
export function viewOf(search: FleetSearch, saved: SavedViews): ShownView {
  const { q, sort, as, view } = search;
  const isBare = [q, sort, as, view].every((text) => text === undefined);
  const wanted = isBare ? (saved.first ?? ALL_HOSTS.name) : (view ?? ALL_HOSTS.name);
  const chosen = [ALL_HOSTS, ...saved.views].find(({ name }) => name === wanted);
  const base = isBare && chosen ? chosen : ALL_HOSTS;
  const shown: FleetView = {
    filter: q ?? base.filter,
    sort: sort ?? base.sort,
    layout: as === "cards" || as === "rows" ? as : base.layout,
  };
  return { ...shown, name: chosen?.name, changed: chosen !== undefined && !isSameView(shown, chosen) };
}

/** The address that shows it. */
export function searchOf(view: FleetView, name: string | undefined, saved: SavedViews): FleetSearch {
  const search = {
    q: view.filter === "" ? undefined : view.filter,
    sort: view.sort === ALL_HOSTS.sort ? undefined : view.sort,
    as: view.layout === ALL_HOSTS.layout ? undefined : view.layout,
  };
  // A bare address is the first view's: all hosts must be asked for by name beside another one.
  const isNamed = name !== undefined && (name !== ALL_HOSTS.name || saved.first !== undefined);
  return { ...search, view: isNamed ? name : saved.first === undefined ? undefined : ALL_HOSTS.name };
}

function isSameView(a: FleetView, b: FleetView): boolean {
  return a.filter === b.filter && a.sort === b.sort && a.layout === b.layout;
}
