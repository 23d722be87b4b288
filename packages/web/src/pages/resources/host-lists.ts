import type { EnvironmentPermission } from "@fairlead/protocol";
import type { Environment } from "@fairlead/protocol/rest";
import { useQueries, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { actionAllowance } from "../../hub/access.ts";
import { useMe } from "../../hub/session.ts";
import { Turns } from "./turns.ts";

/** Hosts that are asked at once; a fleet's answers all come through one hub. */
const MAX_CALLS = 4;
/** What a prune, a refresh or an action does not touch is not read again within this. */
const STALE_MS = 5_000;

const turns = new Turns(MAX_CALLS);

/** What one host told, how old that is, and why there is nothing newer. */
export interface HostList<T> {
  readonly environment: Environment;
  readonly data: T | undefined;
  /** When `data` was read, Unix milliseconds. */
  readonly at: number | undefined;
  readonly reading: boolean;
  /** Why it cannot be asked, or why asking failed. */
  readonly problem: Error | string | undefined;
}

export interface HostLists<T> {
  readonly hosts: readonly HostList<T>[];
  /** Reads the lists of these hosts again; without them, of all. */
  readonly refresh: (environmentIds?: readonly number[]) => Promise<void>;
}

export interface HostListOptions<T> {
  readonly environments: readonly Environment[];
  /** Of the cache: what is read. */
  readonly key: string;
  readonly permission: EnvironmentPermission;
  readonly read: (environment: Environment, signal: AbortSignal) => Promise<T>;
  /** Default: 5 s. */
  readonly staleMs?: number;
  /** False: nothing is asked. */
  readonly enabled?: boolean;
}

interface Answer {
  readonly data: unknown;
  readonly at: number;
  readonly error: Error | null;
  readonly reading: boolean;
}

const answers = (results: UseQueryResult[]): Answer[] =>
  results.map(({ data, dataUpdatedAt, error, failureReason, isFetching }) => ({
    data,
    at: dataUpdatedAt,
    // Told while it is tried again, too: that takes seconds.
    error: error ?? failureReason,
    reading: isFetching,
  }));

/** The same list of several hosts. Who may not be asked, or is not there, is among them with the reason, and with what it told before. */
export function useHostLists<T>(options: HostListOptions<T>): HostLists<T> {
  const { environments, key, permission, read, staleMs = STALE_MS, enabled = true } = options;
  const me = useMe();
  const client = useQueryClient();
  const allowances = useMemo(
    () => environments.map((environment) => actionAllowance(me, permission, environment)),
    [environments, me, permission],
  );
  const results = useQueries({
    queries: environments.map((environment, index) => ({
      queryKey: ["docker", environment.id, key],
      queryFn: ({ signal }: { signal: AbortSignal }) => turns.run(() => read(environment, signal), signal),
      enabled: enabled && allowances[index]?.allowed === true,
      staleTime: staleMs,
    })),
    combine: answers,
  });
  const hosts = useMemo(
    () =>
      environments.map((environment, index) => {
        const allowance = allowances[index];
        const answer = results[index];
        const refused = allowance?.allowed === false ? allowance.reason : undefined;
        return {
          environment,
          data: answer?.data as T | undefined,
          at: answer?.data === undefined ? undefined : answer.at,
          reading: answer?.reading ?? false,
          // Until it is known who asks, nothing is wrong.
          problem: me === undefined ? undefined : (refused ?? answer?.error ?? undefined),
        };
      }),
    [environments, allowances, results, me],
  );
  const refresh = useCallback(
    async (ids?: readonly number[]) => {
      await client.invalidateQueries({
        predicate: ({ queryKey: [of, id, what] }) =>
          of === "docker" && what === key && (ids === undefined || ids.includes(id as number)),
      });
    },
    [client, key],
  );
  return useMemo(() => ({ hosts, refresh }), [hosts, refresh]);
}

/** Told of one host: `undefined` until its environment is known. */
export function useHostList<T>(
  environment: Environment | undefined,
  options: Omit<HostListOptions<T>, "environments">,
): Omit<HostList<T>, "environment"> & Pick<HostLists<T>, "refresh"> {
  const environments = useMemo(() => (environment === undefined ? [] : [environment]), [environment]);
  const { hosts, refresh } = useHostLists({ ...options, environments });
  const nothing = { data: undefined, at: undefined, reading: true, problem: undefined };
  return { ...(hosts[0] ?? nothing), refresh };
}
