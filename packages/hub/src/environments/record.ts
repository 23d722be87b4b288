import type { DialTls, EnvironmentKind } from "@fairlead/protocol/rest";

/** An environment as the hub's own parts see it, secrets opened. Never sent as it is. */
export interface EnvironmentRecord {
  readonly id: number;
  readonly name: string;
  readonly kind: EnvironmentKind;
  readonly labels: Readonly<Record<string, string>>;
  /** Normalised (`address.ts`); null for edge. */
  readonly address: string | null;
  /** With its `clientKey`. */
  readonly tls: DialTls | null;
  /** standard: the listening agent's token. */
  readonly token?: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

export interface EnvironmentChange {
  readonly type: "created" | "updated" | "removed";
  readonly environment: EnvironmentRecord;
}

/** Called after the change is stored, in order. Must not throw. */
export type EnvironmentListener = (change: EnvironmentChange) => void;
