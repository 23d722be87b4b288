/** REST shapes of a container's log over a WebSocket. */
import Type, { type Static } from "typebox";

/** An id, its start, or a name, as engines have them: nothing that could lead to another path. */
export const CONTAINER_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_.-]*$";

const ContainerTextSchema = Type.String({ minLength: 1, maxLength: 256, pattern: CONTAINER_PATTERN });

/**
 * The log WebSocket `/api/v1/environments/{env}/logs`. The first message is a `ready` or an `error` (see `LogsControl`); after
 * `ready` binary messages are the bytes of the engine's answer, which is always asked for with `timestamps=1`: where `tty` is
 * false, Docker's multiplexed frames (a byte of the stream, 1 stdout, 2 stderr; three zero bytes; the length as a big-endian
 * 32-bit integer; then so many bytes), where it is true, the plain bytes. A frame or line may go over several messages, and a
 * message may hold many. The last message is an `end` or an `error`.
 */
export const LogsQuerySchema = Type.Object({
  container: ContainerTextSchema,
  follow: Type.Optional(Type.Boolean({ default: false, description: "Goes on with what the container writes later." })),
  since: Type.Optional(
    Type.String({
      maxLength: 64,
      description: "ISO 8601 time, or Unix seconds; up to nine digits after the point count.",
    }),
  ),
  until: Type.Optional(Type.String({ maxLength: 64, description: "As `since`." })),
  tail: Type.Optional(
    Type.String({ maxLength: 10, default: "all", description: "That many lines from the end, or all." }),
  ),
  stdout: Type.Optional(Type.Boolean({ default: true })),
  stderr: Type.Optional(Type.Boolean({ default: true })),
});
export type LogsQuery = Static<typeof LogsQuerySchema>;

/** Text messages of the log WebSocket, all from the hub. */
export type LogsControl =
  /** `tty`: the container has a terminal, so that the bytes are plain, without frames. */
  | { type: "ready"; tty: boolean }
  /** The engine has ended its answer in order: with `follow`, the container has stopped. */
  | { type: "end" }
  | { type: "error"; code: string; message: string };
