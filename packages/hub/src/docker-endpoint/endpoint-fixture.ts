import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { runCommand, type RunOptions, type RunResult, tempDir } from "@fairlead/testkit";
import { EngineConnections } from "../engine/engine-connections.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { createNodeServer, type TlsFiles } from "../http/server.ts";
import type { AgentSession } from "../link/agent-session.ts";
import { DockerEndpoint } from "./docker-endpoint.ts";
import { parseDockerUrl } from "./docker-path.ts";
import { HubIncomingMessage } from "./hub-incoming-message.ts";
import { ANY_ADDRESS } from "../engine/any-address-fixture.ts";
import { silentLog } from "../database/database-fixture.ts";

/** For tests: a bare server with one environment's Docker endpoint, without the rest of the hub. */
export interface EndpointUnderTest extends AsyncDisposable {
  readonly connections: EngineConnections;
  /** TCP port of 127.0.0.1; paths as the hub has them: `${prefix}/_ping`. */
  readonly port: number;
  readonly prefix: string;
  /** Socket for a plain Docker client: the prefix is put before every path. */
  readonly socketPath: string;
  /** Runs `docker ARGS` through it. */
  docker(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** The same, and returns standard output without its last line end. @throws Error with stderr when the exit code is not 0. */
  dockerOk(args: readonly string[], options?: RunOptions): Promise<string>;
}

export function environmentRecord(given: Partial<EnvironmentRecord>): EnvironmentRecord {
  return { id: 1, name: "test", kind: "socket", labels: {}, address: null, tls: null, createdAt: 0, ...given };
}

const PREFIX = "/api/v1/environments/test/docker";

export interface EndpointOptions {
  /** The agent of an edge environment, while it is connected. */
  readonly session?: () => AgentSession | undefined;
  /** For the TCP port. */
  readonly tls?: TlsFiles;
}

export async function startEndpoint(
  given: Partial<EnvironmentRecord>,
  { session, tls }: EndpointOptions = {},
): Promise<EndpointUnderTest> {
  const environment = environmentRecord(given);
  const log = silentLog;
  const connections = new EngineConnections({
    guard: ANY_ADDRESS,
    environments: { list: () => Promise.resolve([environment]), onChange: () => {} },
    sessions: { get: () => session?.() },
    log,
  });
  await connections.start();
  const endpoint = new DockerEndpoint({ connections, log });
  const folder = await tempDir();
  const socketPath = join(folder.path, "hub.sock");
  const handlers = handlersOf(endpoint, environment);
  const tcp = createNodeServer(tls, handlers);
  const unix = createServer({ IncomingMessage: PrefixedIncomingMessage, maxHeaderSize: 256 * 1024 });
  unix.on("request", handlers.request).on("checkContinue", handlers.request).on("upgrade", handlers.upgrade);
  tcp.listen(0, "127.0.0.1");
  unix.listen(socketPath);
  await Promise.all([once(tcp, "listening"), once(unix, "listening")]);
  const docker = (args: readonly string[], options: RunOptions = {}): Promise<RunResult> => {
    const env = {
      DOCKER_HOST: `unix://${socketPath}`,
      DOCKER_CONFIG: join(folder.path, "config"),
      DOCKER_CONTEXT: undefined,
      ...options.env,
    };
    return runCommand("docker", args, { ...options, env });
  };
  return {
    connections,
    port: (tcp.address() as AddressInfo).port,
    prefix: PREFIX,
    socketPath,
    docker,
    dockerOk: async (args, options) => {
      const { code, stdout, stderr } = await docker(args, options);
      if (code !== 0) throw new Error(`docker ${args.join(" ")} exited with ${code}: ${stderr.toString().trim()}`);
      return stdout.toString().replace(/\r?\n$/, "");
    },
    [Symbol.asyncDispose]: async () => {
      connections.stop();
      for (const server of [tcp, unix]) {
        server.close();
        server.closeAllConnections();
      }
      await folder.stop();
    },
  };
}

function handlersOf(endpoint: DockerEndpoint, environment: EnvironmentRecord) {
  const pathOf = ({ url }: IncomingMessage): string => parseDockerUrl(url ?? "")?.path ?? "/";
  return {
    request: (request: IncomingMessage, response: ServerResponse) =>
      endpoint.handle(request, response, { environment, path: pathOf(request) }),
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      endpoint.handleUpgrade(request, socket, head, { environment, path: pathOf(request) }),
  };
}

/** Stands for `fairlead connect`: a plain Docker client knows nothing of the hub's paths. */
class PrefixedIncomingMessage extends HubIncomingMessage {
  declare sentUrl: string | undefined;

  // @ts-expect-error A property in the base class's types, which Node sets once for every request.
  override get url(): string {
    return `${PREFIX}${this.sentUrl}`;
  }

  override set url(sent: string) {
    this.sentUrl = sent;
  }
}
