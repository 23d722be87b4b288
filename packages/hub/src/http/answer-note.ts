import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode } from "@fairlead/protocol";

/** How a call was answered. */
export interface AnswerNote {
  readonly status: number;
  /** Of an error of ours. */
  readonly code?: ErrorCode;
}

const notes = new WeakMap<ServerResponse | Duplex, AnswerNote>();

/** Notes how a call was answered on this response, or on this connection that left HTTP: the audit log tells of it later. */
export function noteAnswer(answered: ServerResponse | Duplex, { status, code }: AnswerNote): void {
  notes.set(answered, code === undefined ? { status } : { status, code });
}

/** What was noted; of a response without a note, its status. */
export function answerOf(answered: ServerResponse | Duplex): AnswerNote | undefined {
  const note = notes.get(answered);
  if (note) return note;
  return "statusCode" in answered && answered.headersSent ? { status: answered.statusCode } : undefined;
}
