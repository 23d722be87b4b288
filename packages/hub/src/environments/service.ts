import { FairleadError } from "@fairlead/protocol";
import type { CreateEnvironment, DialTls, EnvironmentKind, UpdateEnvironment } from "@fairlead/protocol/rest";
import { normaliseAddress } from "./address.ts";
import type { EnvironmentListener, EnvironmentRecord } from "./record.ts";
import type { EnvironmentStore } from "./store.ts";

/** The environments, and who is told when one changes. */
export class EnvironmentService {
  readonly #store: EnvironmentStore;
  readonly #listeners: EnvironmentListener[] = [];
  /** Those that were asked for, by what they were asked by: a Docker call costs no query. */
  readonly #resolved = new Map<string, EnvironmentRecord>();
  #changes = 0;

  constructor(store: EnvironmentStore) {
    this.#store = store;
  }

  onChange(listener: EnvironmentListener): void {
    this.#listeners.push(listener);
  }

  /** All, by name. */
  list(): Promise<EnvironmentRecord[]> {
    return this.#store.list();
  }

  /** Undefined when it was removed. */
  find(id: number): Promise<EnvironmentRecord | undefined> {
    return this.#store.byId(id);
  }

  /** @throws FairleadError not_found. */
  async resolve(idOrName: string): Promise<EnvironmentRecord> {
    const known = this.#resolved.get(idOrName);
    if (known) return known;
    const changes = this.#changes;
    // A name is never digits alone.
    const isId = isEnvironmentId(idOrName);
    const found = isId ? await this.#store.byId(Number(idOrName)) : await this.#store.byName(idOrName);
    if (found) {
      // What was read before a change and comes after it is old.
      if (changes === this.#changes) this.#resolved.set(idOrName, found);
      return found;
    }
    throw noSuchEnvironment(idOrName);
  }

  /** @throws FairleadError bad_request naming the field, conflict when the name is taken. */
  async create(input: CreateEnvironment): Promise<EnvironmentRecord> {
    const kind = input.kind ?? "edge";
    const tls = input.tls ?? null;
    const address = normaliseAddress(kind, input.address, tls);
    checkDialSettings(kind, address, tls, input.token);
    if (kind !== "edge" && input.joinKeyTtlSeconds !== undefined) {
      throw wrongField("joinKeyTtlSeconds", `A join key is for environments of kind edge, not ${kind}.`);
    }
    const environment = await this.#store.insert({
      name: input.name,
      kind,
      labels: input.labels ?? {},
      address,
      tls,
      ...(input.token === undefined ? {} : { token: input.token }),
      createdAt: Date.now(),
    });
    this.#tell("created", environment);
    return environment;
  }

  /**
   * Changes what the input names and leaves the rest. An empty `token` removes it; `tls` is replaced whole, except that a
   * `clientKey` that is left out stays while there is a `clientCert`.
   *
   * @throws FairleadError not_found, bad_request naming the field, conflict when the name is taken.
   */
  async update(idOrName: string, input: UpdateEnvironment): Promise<EnvironmentRecord> {
    const before = await this.resolve(idOrName);
    const { token: oldToken, ...rest } = before;
    const tls = input.tls === undefined ? before.tls : keepClientKey(input.tls, before.tls);
    const token = input.token === undefined ? oldToken : input.token || undefined;
    const given = input.address ?? before.address ?? undefined;
    const address = normaliseAddress(before.kind, given, tls);
    checkDialSettings(before.kind, address, tls, token);
    // It would go to whoever answers there: who changes where must know it.
    if (oldToken !== undefined && input.token === undefined && goesElsewhere(before, address, tls)) {
      throw wrongField(
        "token",
        "The token goes to the new address or way of trusting it: give it again, or an empty one.",
      );
    }
    const environment: EnvironmentRecord = {
      ...rest,
      name: input.name ?? before.name,
      labels: input.labels ?? before.labels,
      address,
      tls,
      ...(token === undefined ? {} : { token }),
    };
    await this.#store.update(environment);
    this.#tell("updated", environment);
    return environment;
  }

  /** @throws FairleadError not_found. */
  async remove(idOrName: string): Promise<void> {
    const environment = await this.resolve(idOrName);
    if (await this.#store.remove(environment.id)) this.#tell("removed", environment);
  }

  /** Deletes what was written for environments just when they were removed. Called at start. */
  sweep(): Promise<void> {
    return this.#store.sweep();
  }

  #tell(type: "created" | "updated" | "removed", environment: EnvironmentRecord): void {
    this.#changes += 1;
    this.#resolved.clear();
    for (const listener of this.#listeners) listener({ type, environment });
  }
}

/** The answer for what is not there, and for what the caller may not know of. */
export function noSuchEnvironment(idOrName: string): FairleadError {
  const called = isEnvironmentId(idOrName) ? "with the id" : "named";
  return new FairleadError("not_found", `There is no environment ${called} ${JSON.stringify(idOrName)}.`, {
    details: { environment: idOrName },
  });
}

function isEnvironmentId(idOrName: string): boolean {
  return /^[0-9]{1,15}$/.test(idOrName);
}

function checkDialSettings(
  kind: EnvironmentKind,
  address: string | null,
  tls: DialTls | null,
  token: string | undefined,
): void {
  if (token !== undefined && kind !== "standard") {
    throw wrongField("token", `A token is for environments of kind standard, not ${kind}.`);
  }
  if (tls === null) return;
  if (kind === "edge" || kind === "socket")
    throw wrongField("tls", `An environment of kind ${kind} has no TLS settings.`);
  if (!address?.startsWith("https://")) {
    throw wrongField("tls", `TLS settings need an address that starts with https://, not ${address}.`);
  }
  if ((tls.clientCert === undefined) !== (tls.clientKey === undefined)) {
    const missing = tls.clientCert === undefined ? "tls.clientCert" : "tls.clientKey";
    throw wrongField(missing, "clientCert and clientKey belong together: give both or none.");
  }
}

/** True when another may answer than before. */
function goesElsewhere(before: EnvironmentRecord, address: string | null, tls: DialTls | null): boolean {
  const trust = ({ caCert, serverName, skipVerify }: DialTls): string =>
    JSON.stringify([caCert, serverName, skipVerify]);
  return address !== before.address || trust(tls ?? {}) !== trust(before.tls ?? {});
}

function keepClientKey(tls: DialTls | null, before: DialTls | null): DialTls | null {
  if (tls?.clientCert === undefined || tls.clientKey !== undefined || before?.clientKey === undefined) return tls;
  return { ...tls, clientKey: before.clientKey };
}

function wrongField(field: string, message: string): FairleadError {
  return new FairleadError("bad_request", message, { details: { field } });
}
