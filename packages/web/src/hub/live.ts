import type { StreamMessage } from "@fairlead/api-client";
import { isFairleadError } from "@fairlead/protocol";
import { hub, queryClient } from "./client.ts";
import { containers } from "./containers.ts";
import { environments } from "./environments.ts";
import { eventFeed } from "./event-feed.ts";
import { hostMetrics } from "./host-metrics.ts";
import { goToSignIn } from "./sign-in-address.ts";
import { Store } from "./store.ts";

/** How the page stands to its hub. `since`: Unix milliseconds. */
export interface Connection {
  readonly state: "connecting" | "live" | "away" | "refused";
  readonly since: number;
  /** Why it is away or refused. */
  readonly error?: string;
}

export const connection = new Store<Connection>({ state: "connecting", since: Date.now() });

let running: AbortController | undefined;

/** Follows the hub's changes until the page is left; safe to call again. */
export function startLive(): void {
  if (running) return;
  running = new AbortController();
  void follow(running.signal);
}

async function follow(signal: AbortSignal): Promise<void> {
  try {
    const changes = hub.stream({
      transport: "websocket",
      signal,
      onConnected: () => {
        connection.set({ state: "live", since: Date.now() });
        // From here on nothing is missed: what is read now and what comes meet without a hole.
        if (!environments.store.value.loaded) loadAll();
        else {
          containers.refreshAll();
          void queryClient.invalidateQueries();
        }
      },
      onReconnect: (error) => {
        if (connection.value.state !== "away")
          connection.set({ state: "away", since: Date.now(), error: error.message });
      },
    });
    for await (const message of changes) apply(message);
  } catch (error) {
    if (signal.aborted) return;
    if (isFairleadError(error, "unauthenticated")) goToSignIn();
    const text = error instanceof Error ? error.message : String(error);
    connection.set({ state: "refused", since: Date.now(), error: text });
  }
}

function loadAll(): void {
  void environments.load();
  void containers.load();
  void hostMetrics.load();
}

function apply({ topic, data }: StreamMessage): void {
  switch (topic) {
    case "environment":
      environments.apply(data as Parameters<typeof environments.apply>[0]);
      break;
    case "metrics":
      hostMetrics.apply(data as Parameters<typeof hostMetrics.apply>[0]);
      break;
    case "event":
      eventFeed.apply(data as Parameters<typeof eventFeed.apply>[0]);
      containers.applyEvent(data as Parameters<typeof containers.applyEvent>[0]);
      break;
    case "reset":
      loadAll();
      void queryClient.invalidateQueries();
  }
}
