import type { TLSSocket } from "node:tls";
import { FairleadError } from "@fairlead/protocol";
import type { AgentConfig } from "../config.ts";
import { type HubKeyCheck, keyFingerprint } from "../link/hub-key.ts";
import type { Log } from "../log.ts";
import { credentialPath } from "./credential-file.ts";

export interface FirstTrustOptions {
  readonly config: AgentConfig & { serverUrl: URL };
  readonly joinKey: string;
  /** What the agent knows of this hub from an earlier join. */
  readonly pin: string | undefined;
  readonly log: Log;
}

/** How a hub is known that may have no certificate of an authority. */
export class FirstTrust {
  readonly #options: FirstTrustOptions;
  /** The key to be pinned. */
  pin: string | undefined;

  constructor(options: FirstTrustOptions) {
    this.#options = options;
  }

  /** Undefined where the authorities alone decide, or nobody does. */
  get check(): HubKeyCheck | undefined {
    const { serverUrl, caCert, tlsSkipVerify } = this.#options.config;
    if (serverUrl.protocol === "ws:" || caCert !== undefined || tlsSkipVerify) return undefined;
    return (socket) => this.#judge(socket);
  }

  #judge(socket: TLSSocket): FairleadError | undefined {
    const { joinKey, pin, log } = this.#options;
    if (socket.authorized) return undefined;
    const shown = keyFingerprint(socket);
    const [, told] = joinKey.split(".");
    const expected = told ?? pin;
    if (expected !== undefined && expected !== shown) {
      const source = told === undefined ? "pinned when this agent joined" : "named by the join key";
      return new FairleadError(
        "hub_not_trusted",
        `the hub shows the key sha256:${shown}, but sha256:${expected} is ${source}, and no authority that this host trusts ` +
          "vouches for it. Someone may stand between, so the join key was not sent. If a proxy with a certificate of its own " +
          "is before the hub, set CA_CERT to the PEM file of the authority that signed it" +
          (told === undefined ? `, or remove ${credentialPath(this.#options.config.dataDir)}` : ""),
      );
    }
    this.pin = shown;
    const fields = { fingerprint: `sha256:${shown}`, reason: String(socket.authorizationError) };
    if (expected === undefined) {
      log.warn(
        "no authority vouches for the hub's certificate: its key is trusted this first time, and no other from now on. Compare the fingerprint with the hub's",
        fields,
      );
    } else log.info("the hub's key is the one that was expected; no other is trusted from now on", fields);
    return undefined;
  }
}
