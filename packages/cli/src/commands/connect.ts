import type { Command } from "commander";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createDockerContext, removeDockerContext } from "../connect/docker-context.ts";
import { serveDockerSocket } from "../connect/docker-socket.ts";
import { runtimeDir } from "../settings/folders.ts";
import { hubCommand, type HubCommandFlags, openSession, untilInterrupted } from "./hub-command.ts";

interface Flags extends HubCommandFlags {
  socket?: string;
  context?: boolean;
}

/** `fairlead connect ENV` */
export function connect(): Command {
  return hubCommand("connect", "a local Docker socket for an environment, until Ctrl-C", [
    "connect web-1",
    "connect web-1 --context   # then: docker --context fairlead-web-1 ps",
    "connect web-1 --socket /tmp/web-1.sock",
  ])
    .argument("<env>", "name or id")
    .option("--socket <path>", "where the socket is made (default: $XDG_RUNTIME_DIR/fairlead or ~/.fairlead/run)")
    .option("--context", "register a docker context 'fairlead-ENV' meanwhile")
    .action(async (ref: string, flags: Flags) => {
      const session = await openSession(flags);
      const { output } = session;
      const environment = await session.client.getEnvironment(ref);
      const path = resolve(flags.socket ?? join(runtimeDir(), `${environment.name}.sock`));
      const interrupted = untilInterrupted();
      const socket = await serveDockerSocket(session, environment.id, path);
      const context = `fairlead-${environment.name}`;
      try {
        if (flags.context) await createDockerContext(context, path, `${environment.name} through ${session.url}`);
        output.document(
          { environment: environment.name, socket: path, ...(flags.context ? { context } : {}) },
          () => `export DOCKER_HOST=unix://${path}`,
        );
        if (flags.context) output.note(`docker context: ${context}`);
        if (environment.link.state === "down")
          output.note(`${environment.name} is offline now: ${environment.link.error ?? ""}`);
        output.note("Ctrl-C ends it.");
        if (!interrupted.aborted) await once(interrupted, "abort");
      } finally {
        await socket.close();
        if (flags.context) await removeDockerContext(context);
      }
    });
}
