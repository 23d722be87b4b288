import { type ComponentType, type ReactNode, useEffect } from "react";
import { Store, useStore } from "../hub/store.ts";

/** What could not be read, since the hub was away, is tried again after so long. */
const RETRY_MS = 3_000;

export interface Late<Props> {
  (props: Props): ReactNode;
  /** Reads it now; safe to call again. */
  readonly read: () => void;
}

/**
 * A component that the page can be shown without: its code is read when it is first drawn, or before by `read`, and nothing shows until it
 * is there. Other than with React's `lazy`, a hub that is away for a moment does not take the page down.
 */
export function late<Props extends object>(load: () => Promise<ComponentType<Props>>): Late<Props> {
  const loaded = new Store<ComponentType<Props> | null>(null);
  let isReading = false;
  const read = (): void => {
    if (isReading) return;
    isReading = true;
    load().then(
      (component) => loaded.set(component),
      () =>
        setTimeout(() => {
          isReading = false;
          read();
        }, RETRY_MS),
    );
  };
  const LateComponent = (props: Props): ReactNode => {
    const Component = useStore(loaded);
    useEffect(read, []);
    return Component ? <Component {...props} /> : null;
  };
  return Object.assign(LateComponent, { read });
}
