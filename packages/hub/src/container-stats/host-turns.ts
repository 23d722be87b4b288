import { ConcurrencyLimit } from "../watch/concurrency-limit.ts";

/** Questions at once to one engine, which answers others, too. */
const PER_HOST = 4;
/** Questions at once to all of them: answers are some kilobytes, and each waits for a host that may be slow. */
const TOTAL = 64;

interface Host {
  readonly limit: ConcurrencyLimit;
  users: number;
}

/** Few questions at once to each host, and not too many to all. Who uses it bounds how many wait. */
export class HostTurns {
  readonly #hosts = new Map<number, Host>();
  readonly #all = new ConcurrencyLimit(TOTAL);

  async run<T>(environmentId: number, task: () => Promise<T>): Promise<T> {
    const host = this.#hosts.get(environmentId) ?? { limit: new ConcurrencyLimit(PER_HOST), users: 0 };
    this.#hosts.set(environmentId, host);
    host.users += 1;
    try {
      return await host.limit.run(() => this.#all.run(task));
    } finally {
      host.users -= 1;
      if (host.users === 0) this.#hosts.delete(environmentId);
    }
  }
}
