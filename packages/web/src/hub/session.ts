import type { Me } from "@fairlead/protocol/rest";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { hub } from "./client.ts";

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: ({ signal }) => hub.me(signal), staleTime: 60_000 });

/** Who is signed in; undefined until it is known. */
export function useMe(): Me | undefined {
  return useQuery(meQuery).data;
}
