import { FairleadError } from "@fairlead/protocol";
import type { Logger } from "pino";
import type { Auth, AuthOptions } from "./create-auth.ts";

/** A provider that was away is asked again no more often than this. */
const PROVIDER_RETRY_MS = 1_000;

interface Loaded {
  readonly auth: Auth;
  /** False while the provider does not answer: everything else works without it. */
  readonly hasProvider: boolean;
  readonly at: number;
}

/** better-auth, loaded when somebody first signs in: it takes a good part of a second and some tens of MB. */
export class LazyAuth {
  readonly #options: () => AuthOptions;
  readonly #log: Logger;
  #loaded: Promise<Loaded> | undefined;

  constructor(options: () => AuthOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  /** @param needsProvider Whether a provider that was away is to be asked again. */
  async get(needsProvider: boolean): Promise<Auth> {
    const loaded = await this.#load();
    const isOld = Date.now() - loaded.at >= PROVIDER_RETRY_MS;
    if (needsProvider && !loaded.hasProvider && isOld) this.#loaded = undefined;
    return (await this.#load()).auth;
  }

  /** A load that failed is tried again by the next who needs it. */
  #load(): Promise<Loaded> {
    this.#loaded ??= this.#loadNow().catch((error: unknown) => {
      this.#loaded = undefined;
      throw new FairleadError("internal", "Sign-in could not be started; the hub's log says why.", { cause: error });
    });
    return this.#loaded;
  }

  async #loadNow(): Promise<Loaded> {
    const { createAuth } = await import("./create-auth.ts");
    const { oidc, ...options } = this.#options();
    const hasProvider = oidc === undefined || (await oidc.isReachable());
    if (!hasProvider) this.#log.warn({ issuer: oidc.config.issuer }, "Sign-in works without the OIDC provider for now");
    const auth = await createAuth({ ...options, oidc: hasProvider ? oidc : undefined });
    return { auth, hasProvider, at: Date.now() };
  }
}
