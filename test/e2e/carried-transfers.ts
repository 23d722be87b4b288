import { type Direction, type DockerTarget, download, echo, type Transfer, upload } from "@fairlead/testkit";

/** A way to move bytes through the hub. */
export interface TransferKind {
  readonly name: string;
  /** Of the Docker API. */
  readonly path: string;
  /** Where most of its bytes go. */
  readonly towards: "caller" | "engine";
  /** A reset counts as an end in order. */
  readonly endsByReset?: boolean;
  start(target: DockerTarget, bytes: number): Promise<Transfer>;
}

const ordinary: readonly TransferKind[] = [
  ...(["length", "chunked", "eof"] as const).map((framing) => ({
    name: `download by ${framing}`,
    path: "/images/get",
    towards: "caller" as const,
    start: (target: DockerTarget, bytes: number) => download(target, { bytes, framing }),
  })),
  ...(["length", "chunked"] as const).map((framing) => ({
    name: `upload by ${framing}`,
    path: "/images/load",
    towards: "engine" as const,
    start: (target: DockerTarget, bytes: number) => upload(target, { bytes, framing }),
  })),
];

const upgraded: TransferKind = {
  name: "upgraded echo",
  path: "/exec/fake-exec/start",
  towards: "caller",
  start: (target, bytes) => echo(target, { bytes }),
};

/**
 * What an environment of each kind carries. A dialled connection that was upgraded ends by a reset when the engine closes with unread input, so
 * that there, after input, a cut cannot be told from an end; a stream has ends of its own.
 */
export const CARRIED: Readonly<Record<"edge" | "standard", readonly TransferKind[]>> = {
  edge: [...ordinary, upgraded],
  standard: [...ordinary, { ...upgraded, endsByReset: true }],
};

/** The direction in the faulty network: an edge agent is the one who dials, a standard one is dialled. */
export function directionOf(environment: "edge" | "standard", towards: TransferKind["towards"]): Direction {
  return (environment === "edge") === (towards === "caller") ? "toTarget" : "toClient";
}
