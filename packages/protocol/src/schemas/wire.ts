/**
 * The 17 messages of protocol 1.0, one definition each: TypeScript type, validator and JSON Schema come from it.
 * `sent` is the reference's form, which we send. `accepted` is what we take from peers, the dialects included;
 * where a row has none, it is the same.
 */
import Type, { type TObject, type TProperties, type TSchema } from "typebox";

const text = (description: string) => Type.String({ description });
const integer = (description: string) => Type.Integer({ description });
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
// Not Type.Record: its key pattern lets a key with a line break through unchecked.
const stringMap = (description: string) =>
  Type.Unsafe<Record<string, string>>(Type.Object({}, { additionalProperties: Type.String(), description }));

function message<const Name extends string, P extends TProperties>(type: Name, description: string, properties: P) {
  return Type.Object({ type: Type.Literal(type), ...properties }, { title: type, description });
}

const requestId = text("Id of the request or stream, chosen by the hub (a UUID in deployed hubs).");
const execId = text("Id of the exec session, chosen by the hub.");
const base64 = (what: string) => text(`${what}, standard padded base64.`);
const headers = stringMap("HTTP headers; one value a name.");

const metricNumber = {
  cpuUsage: Type.Number({ description: "Percent of the whole host, 0-100." }),
  cpuCores: integer("Number of logical cores."),
  memoryTotal: Type.Number({ description: "Bytes." }),
  memoryUsed: Type.Number({ description: "Bytes; total minus available." }),
  memoryFree: Type.Number({ description: "Bytes." }),
  diskTotal: Type.Number({ description: "Bytes of the file system that holds Docker's data root." }),
  diskUsed: Type.Number({ description: "Bytes." }),
  diskFree: Type.Number({ description: "Bytes." }),
  networkRxBytes: Type.Number({ description: "Bytes received since boot, physical interfaces of the host." }),
  networkTxBytes: Type.Number({ description: "Bytes sent since boot, physical interfaces of the host." }),
  uptime: Type.Number({ description: "Host uptime in seconds." }),
};

/** Host figures as `metrics` carries them. A figure that could not be had is absent, never 0. */
export const HostMetricsSchema = Type.Object(
  {
    cpuUsage: Type.Optional(metricNumber.cpuUsage),
    cpuCores: Type.Optional(metricNumber.cpuCores),
    memoryTotal: Type.Optional(metricNumber.memoryTotal),
    memoryUsed: Type.Optional(metricNumber.memoryUsed),
    memoryFree: Type.Optional(metricNumber.memoryFree),
    diskTotal: Type.Optional(metricNumber.diskTotal),
    diskUsed: Type.Optional(metricNumber.diskUsed),
    diskFree: Type.Optional(metricNumber.diskFree),
    networkRxBytes: Type.Optional(metricNumber.networkRxBytes),
    networkTxBytes: Type.Optional(metricNumber.networkTxBytes),
    uptime: Type.Optional(metricNumber.uptime),
  },
  { title: "HostMetrics", description: "CPU, memory, disk and network of the agent's host." },
);

/** A container event as `container_event` carries it. */
export const ContainerEventSchema = Type.Object(
  {
    containerId: text("Full id of the container."),
    containerName: Type.Optional(text("Name without a leading slash.")),
    image: Type.Optional(text("Image reference the container was made from.")),
    action: text(
      "create, start, stop, die, kill, restart, pause, unpause, destroy, rename, update, oom or health_status.",
    ),
    actorAttributes: Type.Optional(stringMap("Attributes of the engine's event (labels, exitCode, signal, …).")),
    timestamp: text("ISO 8601, up to nanoseconds."),
  },
  { title: "ContainerEvent" },
);

interface WireRow {
  readonly sent: TObject;
  readonly accepted?: TObject;
}

export const WIRE = {
  hello: {
    sent: message("hello", "Agent to hub: the first message of a connection.", {
      version: text("Version of the agent program."),
      protocol: text('Version of the protocol: "1.0".'),
      agentId: text("Stable id of this agent."),
      agentName: text("Name to show for this agent."),
      token: text("The environment's agent token."),
      dockerVersion: text("Version of the Docker Engine, empty when it does not answer."),
      hostname: text("The host's name."),
      capabilities: Type.Array(Type.String(), {
        description: "compose, exec, metrics, events; streams/1 where the agent has it.",
      }),
      policy: Type.Optional(
        text("Name of the policy of the agent's host; absent when it has none. Not in protocol 1.0, which ignores it."),
      ),
    }),
    accepted: message("hello", "", {
      version: Type.Optional(nullable(Type.String())),
      protocol: Type.Optional(nullable(Type.String())),
      agentId: Type.Optional(nullable(Type.String())),
      agentName: Type.Optional(nullable(Type.String())),
      token: Type.String(),
      dockerVersion: Type.Optional(nullable(Type.String())),
      hostname: Type.Optional(nullable(Type.String())),
      capabilities: Type.Optional(nullable(Type.Array(Type.String()))),
      policy: Type.Optional(nullable(Type.String())),
    }),
  },
  welcome: {
    sent: message("welcome", "Hub to agent: the hello is accepted.", {
      environmentId: integer("The environment's number."),
      message: Type.Optional(text("A greeting for the agent's log.")),
      capabilities: Type.Optional(
        Type.Array(Type.String(), {
          description: "Extensions that hub and agent both have; absent in protocol 1.0.",
        }),
      ),
    }),
    accepted: message("welcome", "", {
      environmentId: Type.Optional(nullable(Type.Integer())),
      message: Type.Optional(nullable(Type.String())),
      capabilities: Type.Optional(nullable(Type.Array(Type.String()))),
    }),
  },
  request: {
    sent: message("request", "Hub to agent: a call of the Docker Engine API, or of /_hawser/compose.", {
      requestId,
      method: text("HTTP method."),
      path: text("Path with query, as the engine's API has it."),
      headers: Type.Optional(headers),
      body: Type.Optional(
        Type.Unknown({
          description: "A JSON value forwarded as JSON; a string is forwarded as its text, or as bytes with isBinary.",
        }),
      ),
      streaming: Type.Boolean({ description: "True: answer with stream messages and a stream_end." }),
      isBinary: Type.Optional(Type.Boolean({ description: "True when body is base64 of the bytes to forward." })),
    }),
    accepted: message("request", "", {
      requestId: Type.String(),
      method: Type.String(),
      path: Type.String(),
      headers: Type.Optional(nullable(headers)),
      body: Type.Optional(Type.Unknown()),
      streaming: Type.Optional(nullable(Type.Boolean())),
      isBinary: Type.Optional(nullable(Type.Boolean())),
    }),
  },
  response: {
    sent: message("response", "Agent to hub: the answer to a request.", {
      requestId,
      statusCode: integer("HTTP status."),
      headers: Type.Optional(headers),
      body: Type.Optional(text("Text, or base64 with isBinary. Absent when empty.")),
      isBinary: Type.Optional(Type.Boolean({ description: "True when body is base64." })),
    }),
    accepted: message("response", "", {
      requestId: Type.String(),
      statusCode: Type.Integer(),
      headers: Type.Optional(nullable(headers)),
      body: Type.Optional(nullable(Type.String())),
      isBinary: Type.Optional(nullable(Type.Boolean())),
    }),
  },
  stream: {
    sent: message("stream", "Both ways: a piece of a streaming answer.", {
      requestId,
      data: base64("Bytes of the stream"),
      stream: Type.Optional(text('"stdout", "stderr" or absent.')),
    }),
    accepted: message("stream", "", {
      requestId: Type.String(),
      data: Type.Optional(nullable(Type.String())),
      stream: Type.Optional(nullable(Type.String())),
    }),
  },
  stream_end: {
    sent: message("stream_end", "Both ways: the end of a stream; from the hub it cancels.", {
      requestId,
      reason: Type.Optional(text("completed, cancelled or error.")),
    }),
    accepted: message("stream_end", "", { requestId: Type.String(), reason: Type.Optional(nullable(Type.String())) }),
  },
  metrics: {
    sent: message("metrics", "Agent to hub: host figures.", {
      timestamp: integer("Unix time in seconds when they were read."),
      metrics: HostMetricsSchema,
    }),
    accepted: message("metrics", "", {
      timestamp: Type.Number(),
      metrics: Type.Object(
        Object.fromEntries(Object.keys(metricNumber).map((name) => [name, Type.Optional(nullable(Type.Number()))])),
      ),
    }),
  },
  container_event: {
    sent: message("container_event", "Agent to hub: something happened to a container.", {
      event: ContainerEventSchema,
    }),
    accepted: message("container_event", "", {
      event: Type.Object({
        containerId: Type.String(),
        containerName: Type.Optional(nullable(Type.String())),
        image: Type.Optional(nullable(Type.String())),
        action: Type.String(),
        actorAttributes: Type.Optional(nullable(stringMap(""))),
        timestamp: Type.String(),
      }),
    }),
  },
  ping: {
    sent: message("ping", "Both ways: is the other side there?", {
      timestamp: Type.Number({ description: "Unix time in seconds (some hubs: milliseconds)." }),
    }),
    accepted: message("ping", "", { timestamp: Type.Optional(nullable(Type.Number())) }),
  },
  pong: {
    sent: message("pong", "Both ways: the answer to a ping.", {
      timestamp: Type.Number({ description: "Unix time in seconds when it was sent." }),
    }),
    accepted: message("pong", "", { timestamp: Type.Optional(nullable(Type.Number())) }),
  },
  error: {
    sent: message("error", "Both ways: something failed.", {
      requestId: Type.Optional(text("The request, stream or exec concerned.")),
      error: text("What failed, in words."),
      code: Type.Optional(
        text(
          "DOCKER_ERROR, READ_ERROR, PARSE_ERROR, COMPOSE_ERROR, EXEC_CREATE_ERROR, EXEC_START_ERROR, or one of ours.",
        ),
      ),
    }),
    accepted: message("error", "", {
      requestId: Type.Optional(nullable(Type.String())),
      error: Type.Optional(nullable(Type.String())),
      message: Type.Optional(nullable(Type.String())),
      code: Type.Optional(nullable(Type.String())),
      retryAfter: Type.Optional(nullable(Type.Number())),
    }),
  },
  exec_start: {
    sent: message("exec_start", "Hub to agent: open an interactive exec with a terminal.", {
      execId,
      containerId: text("Container to run in (id or name)."),
      cmd: text("Command to run, for example /bin/sh."),
      user: text("User to run as; empty for the container's own."),
      cols: integer("Terminal columns; 0 when unknown."),
      rows: integer("Terminal rows; 0 when unknown."),
    }),
    accepted: message("exec_start", "", {
      execId: Type.String(),
      containerId: Type.String(),
      cmd: Type.Optional(nullable(Type.String())),
      user: Type.Optional(nullable(Type.String())),
      cols: Type.Optional(nullable(Type.Integer())),
      rows: Type.Optional(nullable(Type.Integer())),
    }),
  },
  exec_ready: { sent: message("exec_ready", "Agent to hub: the exec runs.", { execId }) },
  exec_input: {
    sent: message("exec_input", "Hub to agent: keystrokes.", { execId, data: base64("Input bytes") }),
    accepted: message("exec_input", "", { execId: Type.String(), data: Type.Optional(nullable(Type.String())) }),
  },
  exec_output: {
    sent: message("exec_output", "Agent to hub: terminal output.", { execId, data: base64("Output bytes") }),
    accepted: message("exec_output", "", { execId: Type.String(), data: Type.Optional(nullable(Type.String())) }),
  },
  exec_resize: {
    sent: message("exec_resize", "Hub to agent: the terminal's new size.", {
      execId,
      cols: integer("Terminal columns."),
      rows: integer("Terminal rows."),
    }),
  },
  exec_end: {
    sent: message("exec_end", "Both ways: the exec is over, or shall be.", {
      execId,
      reason: Type.Optional(text("user_closed, container_exit or error.")),
    }),
    accepted: message("exec_end", "", { execId: Type.String(), reason: Type.Optional(nullable(Type.String())) }),
  },
} as const satisfies Record<string, WireRow>;

/** The schema that decoding holds a message of this type against. */
export function acceptedSchema(type: keyof typeof WIRE): TObject {
  const row: WireRow = WIRE[type];
  return row.accepted ?? row.sent;
}
