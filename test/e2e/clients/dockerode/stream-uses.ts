import { once } from "node:events";
import { buffer, text } from "node:stream/consumers";
import { waitFor } from "@fairlead/testkit";
import {
  demultiplex,
  demultiplexed,
  payload,
  readUntil,
  sha256,
  SLEEPS,
  tarOf,
  TextSink,
  untar,
  type Use,
  withContainer,
} from "./fixture.ts";

const MEGABYTE = 1_000_000;
const OUTPUTS = { stdout: true, stderr: true } as const;

/** What containers and programs in them say and hear, and files in and out. */
export const streamUses: Record<string, Use> = {
  "logs of both outputs": (docker) =>
    withContainer(docker, { Cmd: ["sh", "-c", "echo out; echo err >&2"] }, async (container) => {
      await container.wait();
      return demultiplexed(await container.logs(OUTPUTS));
    }),

  "the last lines of a log": (docker) =>
    withContainer(docker, { Cmd: ["seq", "1000"] }, async (container) => {
      await container.wait();
      return demultiplexed(await container.logs({ ...OUTPUTS, tail: 2 }));
    }),

  "a log that is followed": (docker) =>
    withContainer(docker, { Cmd: ["sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done"] }, async (container) =>
      demultiplex(docker, await container.logs({ ...OUTPUTS, follow: true })),
    ),

  "a log that is left early": (docker) =>
    withContainer(
      docker,
      { Cmd: ["sh", "-c", "echo once; sleep 1000"], HostConfig: { Init: true } },
      async (container) => {
        const abort = new AbortController();
        const log = await container.logs({ ...OUTPUTS, follow: true, abortSignal: abort.signal });
        await readUntil(log, "once");
        const failed = once(log, "error");
        abort.abort();
        const [error] = (await failed) as [Error];
        return error.name;
      },
    ),

  "the log of a terminal": (docker) =>
    withContainer(docker, { Tty: true, Cmd: ["sh", "-c", "tty; echo err >&2"] }, async (container) => {
      await container.wait();
      return (await container.logs(OUTPUTS)).toString();
    }),

  "a megabyte of log": (docker) =>
    withContainer(docker, { Cmd: ["seq", "150000"] }, async (container) => {
      await container.wait();
      return sha256(await container.logs(OUTPUTS));
    }),

  "attach to both outputs": async (docker) => {
    const container = await docker.createContainer({
      Image: "busybox",
      Cmd: ["sh", "-c", "echo out; echo err >&2; sleep 0.1; echo more"],
    });
    const stream = await container.attach({ ...OUTPUTS, stream: true });
    const outputs = demultiplex(docker, stream);
    await container.start();
    const answer = await outputs;
    await container.remove({ force: true });
    return answer;
  },

  "attach with input and half-close": async (docker) => {
    const container = await docker.createContainer({
      Image: "busybox",
      Cmd: ["sh", "-c", "sha256sum; echo after >&2; exit 4"],
      OpenStdin: true,
      StdinOnce: true,
    });
    const stream = await container.attach({ ...OUTPUTS, stream: true, stdin: true, hijack: true });
    const outputs = demultiplex(docker, stream);
    await container.start();
    stream.end(payload(MEGABYTE));
    const answer = [await outputs, await container.wait(), sha256(payload(MEGABYTE))];
    await container.remove();
    return answer;
  },

  "attach to a terminal, and resize it": (docker) =>
    withContainer(docker, { Cmd: ["sh"], Tty: true, OpenStdin: true }, async (container) => {
      const stream = await container.attach({ ...OUTPUTS, stream: true, stdin: true, hijack: true });
      await container.resize({ h: 33, w: 77 });
      // Echoed before or after the prompt: only the answer is the same each time.
      stream.write("echo size $(stty size)\n");
      await readUntil(stream, "size 33 77\r\n");
      stream.write("exit 5\n");
      return container.wait();
    }),

  "run, with output": async (docker) => {
    const output = new TextSink();
    const [status, container] = (await docker.run("busybox", ["sh", "-c", "echo told; exit 3"], output)) as [
      { StatusCode: number },
      { remove(): Promise<void> },
    ];
    await container.remove();
    return [status, output.text];
  },

  "exec, with both outputs and the exit code": (docker) =>
    withContainer(docker, SLEEPS, async (container) => {
      const exec = await container.exec({
        Cmd: ["sh", "-c", "pwd; echo $A >&2; exit 7"],
        WorkingDir: "/tmp",
        Env: ["A=b"],
        AttachStdout: true,
        AttachStderr: true,
      });
      const outputs = await demultiplex(docker, await exec.start({}));
      return [outputs, (await exec.inspect()).ExitCode];
    }),

  "exec with input and half-close": (docker) =>
    withContainer(docker, SLEEPS, async (container) => {
      const exec = await container.exec({
        Cmd: ["sh", "-c", "sha256sum; echo after >&2; exit 8"],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
      });
      const stream = await exec.start({ hijack: true, stdin: true });
      stream.end(payload(MEGABYTE));
      return [await demultiplex(docker, stream), (await exec.inspect()).ExitCode];
    }),

  "exec on a terminal, and resize it": (docker) =>
    withContainer(docker, SLEEPS, async (container) => {
      const exec = await container.exec({
        Cmd: ["sh", "-c", "read line; stty size; tty; exit 9"],
        Tty: true,
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
      });
      const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
      const output = text(stream);
      await exec.resize({ h: 22, w: 66 });
      stream.write("go\n");
      return [await output, (await exec.inspect()).ExitCode];
    }),

  "exec, detached": (docker) =>
    withContainer(docker, SLEEPS, async (container) => {
      const exec = await container.exec({ Cmd: ["sh", "-c", "sleep 0.1; exit 2"] });
      await exec.start({ Detach: true });
      await waitFor(async () => !(await exec.inspect()).Running, { what: "the exec's end" });
      return (await exec.inspect()).ExitCode;
    }),

  "20 execs at once": (docker) =>
    withContainer(docker, SLEEPS, (container) =>
      Promise.all(
        Array.from({ length: 20 }, async (_, number) => {
          const exec = await container.exec({ Cmd: ["echo", String(number)], AttachStdout: true });
          return demultiplex(docker, await exec.start({}));
        }),
      ),
    ),

  "archives in and out": async (docker) => {
    const container = await docker.createContainer({ Image: "busybox" });
    const data = payload(20 * MEGABYTE);
    await container.putArchive(await tarOf({ file: data }), { path: "/tmp" });
    const back = await untar(await container.getArchive({ path: "/tmp/file" }));
    await container.remove();
    return [back.length, back.equals(data)];
  },

  "the state of a path": async (docker) => {
    const container = await docker.createContainer({ Image: "busybox" });
    const answer = (await container.infoArchive({ path: "/etc/passwd" })) as NodeJS.ReadableStream & {
      headers: Record<string, string>;
    };
    const stat = Buffer.from(answer.headers["x-docker-container-path-stat"] ?? "", "base64").toString();
    await container.remove();
    const { name, size } = JSON.parse(stat) as { name: string; size: number };
    return { name, size };
  },

  "export of a container": async (docker) => {
    const container = await docker.createContainer({ Image: "busybox" });
    const tar = await buffer(await container.export());
    await container.remove();
    return tar.includes("bin/busybox");
  },
};
