import { isFairleadError } from "@fairlead/protocol";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { dockerMissing } from "../connect/docker-context.ts";
import { serveDockerSocket } from "../connect/docker-socket.ts";
import { waitForHub } from "../connect/hub-dialer.ts";
import { ExitCode } from "../errors.ts";
import { type HubCommandFlags, openSession, passingCommand } from "./hub-command.ts";

/** `fairlead docker ENV -- ARGS` */
export function docker(): Command {
  return passingCommand("docker", "run one docker command against an environment", [
    "docker web-1 -- ps -a",
    "docker web-1 -- run --rm -it busybox sh",
    "docker web-1 -- compose up -d",
  ])
    .argument("<env>", "name or id")
    .argument("[args...]", "arguments of docker, after --")
    .passThroughOptions()
    .action(async (ref: string, args: string[], flags: HubCommandFlags) => {
      const session = await openSession(flags);
      const { id } = await session.client.getEnvironment(ref).catch(async (error: unknown) => {
        if (!isFairleadError(error, "hub_unreachable")) throw error;
        await waitForHub(new URL(session.url));
        return session.client.getEnvironment(ref);
      });
      // Made with 0700: nobody else gets to the socket.
      const folder = await mkdtemp(join(tmpdir(), "fairlead-"));
      try {
        const socket = await serveDockerSocket(session, id, join(folder, "docker.sock"));
        try {
          const code = await runDocker(args[0] === "--" ? args.slice(1) : args, socket.path);
          if (code !== 0) throw new ExitCode(code);
        } finally {
          await socket.close();
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
}

/** Runs docker with our terminal and streams; resolves to its exit code. */
function runDocker(args: readonly string[], socketPath: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const env: NodeJS.ProcessEnv = { ...process.env, DOCKER_HOST: `unix://${socketPath}` };
  for (const name of ["DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]) delete env[name];
  const child = spawn("docker", args, { stdio: "inherit", env });
  // Ctrl-C reaches docker from the terminal itself; what is sent to us alone is passed on. We end when docker has.
  const ignore = (): void => {};
  const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on("SIGINT", process.stdin.isTTY ? ignore : passOn);
  process.on("SIGTERM", passOn).on("SIGHUP", passOn).on("SIGQUIT", passOn);
  child.once("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? dockerMissing() : error));
  child.once("exit", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  return promise.finally(() => {
    process.off("SIGINT", ignore).off("SIGINT", passOn);
    process.off("SIGTERM", passOn).off("SIGHUP", passOn).off("SIGQUIT", passOn);
  });
}
