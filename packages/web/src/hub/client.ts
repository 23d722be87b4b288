import { FairleadClient } from "@fairlead/api-client";
import { QueryCache, QueryClient } from "@tanstack/react-query";
import { isFairleadError } from "@fairlead/protocol";
import { goToSignIn } from "./sign-in-address.ts";

/** Without this header the hub refuses what hosts answer: a browser must not show it as a page of the hub. */
const OF_THIS_PAGE = { "x-requested-with": "fairlead" };

/** The hub that this page comes from, with the session's cookie. */
export const hub = new FairleadClient({
  url: globalThis.location?.origin ?? "http://localhost",
  fetch: (input, init) =>
    fetch(input, { ...init, headers: { ...OF_THIS_PAGE, ...(init?.headers as Record<string, string> | undefined) } }),
});

/**
 * Questions to the hub. What is live comes by the stream, so nothing is asked again by itself but when somebody looks at it anew;
 * what failed for a passing reason is tried twice more.
 */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (isFairleadError(error, "unauthenticated")) goToSignIn();
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      networkMode: "always",
      retry: (failures, error) => failures < 2 && isFairleadError(error) && error.retryable,
    },
    mutations: { networkMode: "always" },
  },
});
