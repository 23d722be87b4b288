import type { StreamOpen } from "@fairlead/protocol";

/** Why a call may not be made; for the caller, in a sentence. */
export interface PolicyRefusal {
  readonly reason: string;
}

/** Decides on each call that a hub opens a stream for. `undefined`: it may be made. */
export type Policy = (call: StreamOpen) => PolicyRefusal | undefined;

/** `POLICY=full`: whatever the hub asks. */
export const fullPolicy: Policy = () => undefined;
