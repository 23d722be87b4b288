import type { Duplex } from "node:stream";
import { wasReset } from "../engine/end-on-reset.ts";
import { resetConnection } from "./docker-error.ts";

/**
 * After the engine has ended its side there is nothing more to see for the caller; one that then neither ends its own nor says
 * anything for this long is cut. Long, since its input may still matter.
 */
const ENGINE_ENDED_IDLE_MS = 10 * 60 * 1000;

/** Sees what passes, and must not hold on to it: the bytes are used again. */
export interface SpliceTap {
  output(bytes: Uint8Array): void;
  input(bytes: Uint8Array): void;
}

/**
 * Joins two connections: bytes both ways, and each side's end or break to the other. An end is passed on as a half-close, and
 * the other way goes on.
 *
 * An engine that closes with unread input resets its connection; after input a reset is therefore an end in order, else a cut.
 *
 * @param first Goes to the caller before everything else, in a write of its own: some clients lose bytes that come with the head.
 */
export function splice(caller: Duplex, engine: Duplex, first: Uint8Array, tap?: SpliceTap): void {
  let engineEnded = false;
  let callerSent = false;
  engine.once("end", () => {
    engineEnded = true;
    if (wasReset(engine)) engine.destroy();
    if (wasReset(engine) && !callerSent) {
      resetConnection(caller);
      return;
    }
    caller.end();
    (caller as Duplex & Timed).setTimeout?.(ENGINE_ENDED_IDLE_MS, () => caller.destroy());
  });
  engine.once("close", () => {
    if (!engineEnded) resetConnection(caller);
  });
  let callerFailed = false;
  caller.on("error", () => (callerFailed = true));
  caller.once("close", () => {
    if (callerFailed || !caller.readableEnded || !caller.writableFinished) resetConnection(engine);
  });
  caller.once("data", () => (callerSent = true));
  // Beside the pipes: who is slow still holds the other back, whoever listens.
  if (tap) caller.on("data", (bytes: Buffer) => tap.input(bytes));
  caller.pipe(engine);
  caller.write(first, (error) => {
    if (error) return;
    if (tap) engine.on("data", (bytes: Buffer) => tap.output(bytes));
    engine.pipe(caller, { end: false });
  });
}

/** Connections of servers have time limits; other duplex streams do not. */
interface Timed {
  setTimeout?(ms: number, listener: () => void): void;
}
