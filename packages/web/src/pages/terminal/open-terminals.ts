import { Store } from "../../hub/store.ts";

/** How many terminals are open, for the navigation; apart from the terminals, whose code it must not load. */
export const openTerminals = new Store(0);
