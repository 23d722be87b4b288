import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { waitFor } from "@fairlead/testkit";
import {
  payload,
  progress,
  readJsonLines,
  refused,
  SLEEPS,
  tarOf,
  type Use,
  withContainer,
  withFiles,
} from "./fixture.ts";

const DOCKERFILE = "FROM busybox\nCOPY data /data\nRUN sha256sum < /data > /sum\nCMD cat /sum\n";

/** The engine, its containers, images, networks and volumes, what happens to them, and what is refused. */
export const engineUses: Record<string, Use> = {
  ping: async (docker) => ((await docker.ping()) as Buffer).toString(),

  "version, info and disk usage": async (docker) => {
    const [version, info, usage] = await Promise.all([docker.version(), docker.info(), docker.df()]);
    const { ID, Driver } = info as { ID: string; Driver: string };
    return [version.Version, version.ApiVersion, ID, Driver, Object.keys(usage as object).toSorted()];
  },

  "a container's life": async (docker) => {
    const container = await docker.createContainer({ Image: "busybox", name: "life", ...SLEEPS });
    const states: string[] = [];
    const note = async () => states.push((await container.inspect()).State.Status);
    await note();
    const acts = [
      () => container.start(),
      () => container.pause(),
      () => container.unpause(),
      () => container.restart(),
      () => container.stop(),
      () => container.start(),
      () => container.kill().then(() => container.wait()),
    ];
    for (const act of acts) {
      await act();
      await note();
    }
    await container.rename({ name: "death" });
    const listed = await docker.listContainers({ all: true, filters: { name: ["death"] } });
    await container.remove();
    return [states, listed.map(({ Names }) => Names), await refused(container.inspect())];
  },

  "wait until the next exit": async (docker) => {
    const container = await docker.createContainer({ Image: "busybox", Cmd: ["sh", "-c", "exit 6"] });
    const ended = container.wait({ condition: "next-exit" });
    // Nothing tells that the engine waits; an exit before is not the next one, and the container is started again.
    let isOver = false;
    void ended.then(() => (isOver = true));
    await waitFor(
      async () => {
        await container.start();
        return isOver;
      },
      { what: "the next exit", intervalMs: 200 },
    );
    await container.remove({ force: true });
    return ended;
  },

  "wait that is left": (docker) =>
    withContainer(docker, SLEEPS, async (container) => {
      const abort = new AbortController();
      const left = container.wait({ condition: "not-running", abortSignal: abort.signal }).then(
        () => "ended",
        (error: Error) => error.name,
      );
      abort.abort();
      return left;
    }),

  stats: (docker) =>
    withContainer(docker, SLEEPS, async (container) => {
      const one = await container.stats({ stream: false });
      const two = await readJsonLines(await container.stats({ stream: true }), 2);
      return [(one.pids_stats?.current ?? 0) > 0, two.map((sample) => typeof sample["read"])];
    }),

  "processes and changes": (docker) =>
    withContainer(
      docker,
      { Cmd: ["sh", "-c", "echo kept > /kept; exec sleep 1000"], StopSignal: "SIGKILL" },
      async (container) => {
        // Without changes the engine says `null`, of which dockerode makes a buffer.
        await waitFor(async () => Array.isArray(await container.changes()), { what: "the change" });
        const { Titles } = (await container.top()) as { Titles: string[] };
        return [Titles, await container.changes()];
      },
    ),

  "update and commit": (docker) =>
    withContainer(docker, SLEEPS, async (container) => {
      await container.update({ RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 } });
      const { RestartPolicy } = (await container.inspect()).HostConfig;
      await container.commit({ repo: "committed", changes: 'CMD ["true"]' });
      const { Config } = await docker.getImage("committed").inspect();
      await docker.getImage("committed").remove();
      return [RestartPolicy, Config.Cmd];
    }),

  "events, followed": async (docker) => {
    const filters = { container: ["told"], event: ["create", "start", "destroy"] };
    const stream = await docker.getEvents({ filters });
    const told = readJsonLines(stream, 3);
    const container = await docker.createContainer({ Image: "busybox", name: "told" });
    await container.start();
    await container.wait();
    await container.remove();
    return (await told).map((event) => event["Action"]);
  },

  "events of the past": async (docker) => {
    const since = Math.floor(Date.now() / 1000);
    await (await docker.createContainer({ Image: "busybox", name: "past" })).remove();
    const filters = { container: ["past"] };
    const stream = await docker.getEvents({ since, until: Math.floor(Date.now() / 1000) + 1, filters });
    return (await readJsonLines(stream, 3)).map((event) => event["Action"]);
  },

  "images: list, inspect, history, tag and remove": async (docker) => {
    const image = docker.getImage("busybox");
    await image.tag({ repo: "other", tag: "here" });
    const { RepoTags } = await image.inspect();
    await docker.getImage("other:here").remove();
    const listed = (await docker.listImages()).flatMap((one) => one.RepoTags ?? []);
    return [RepoTags.toSorted(), listed.toSorted(), ((await image.history()) as unknown[]).length];
  },

  "build with the classic builder": (docker) =>
    withFiles({ Dockerfile: DOCKERFILE, data: payload(5_000_000) }, async (context) => {
      const file = { context, src: ["Dockerfile", "data"] };
      const lines = await progress(
        docker,
        await docker.buildImage(file, { t: "built", networkmode: "none", nocache: true }),
      );
      const output = await outputOf(docker, "built");
      await docker.getImage("built").remove();
      return [output, lines.filter(({ stream }) => String(stream).startsWith("Step ")).length];
    }),

  "build with BuildKit": (docker) =>
    withFiles({ Dockerfile: DOCKERFILE, data: payload(5_000_000) }, async (context) => {
      const file = { context, src: ["Dockerfile", "data"] };
      await progress(
        docker,
        await docker.buildImage(file, { t: "kit", networkmode: "none", nocache: true, version: "2" }),
      );
      const output = await outputOf(docker, "kit");
      await docker.getImage("kit").remove();
      return output;
    }),

  "a build that fails": async (docker) => {
    const tar = Readable.from([await tarOf({ Dockerfile: "FROM busybox\nRUN exit 9\n" })]);
    const stream = await docker.buildImage(tar, { networkmode: "none", forcerm: true });
    return progress(docker, stream).then(
      () => "succeeded",
      (error: Error) => error.message,
    );
  },

  "save and load": async (docker) => {
    await docker.getImage("busybox").tag({ repo: "saved", tag: "here" });
    const tar = await buffer(await docker.getImage("saved:here").get());
    await docker.getImage("saved:here").remove();
    const missing = await refused(docker.getImage("saved:here").inspect());
    await progress(docker, await docker.loadImage(Readable.from([tar])));
    const { Config } = await docker.getImage("saved:here").inspect();
    await docker.getImage("saved:here").remove();
    return [missing, Config.Cmd];
  },

  "import of files as an image": async (docker) => {
    const tar = Readable.from([await tarOf({ hello: "from a tar" })]);
    await text(await docker.importImage(tar, { repo: "imported" }));
    const { RootFS } = await docker.getImage("imported").inspect();
    await docker.getImage("imported").remove();
    return RootFS?.Layers?.length;
  },

  networks: async (docker) => {
    const network = await docker.createNetwork({ Name: "net", Labels: { a: "b" } });
    const answer = await withContainer(docker, { ...SLEEPS, name: "joined" }, async (container) => {
      await network.connect({ Container: container.id });
      const { Containers } = (await network.inspect()) as { Containers: Record<string, { Name: string }> };
      const [inUse] = await refused(network.remove());
      await network.disconnect({ Container: container.id });
      return [Object.values(Containers).map(({ Name }) => Name), inUse];
    });
    await network.remove();
    return [answer, await refused(network.inspect())];
  },

  volumes: async (docker) => {
    const volume = await docker.createVolume({ Name: "vol" });
    const write = { Cmd: ["sh", "-c", "echo kept > /v/file"], HostConfig: { Binds: ["vol:/v"] } };
    await withContainer(docker, write, (container) => container.wait());
    const code = await withContainer(docker, { ...write, Cmd: ["grep", "-q", "kept", "/v/file"] }, (container) =>
      container.wait(),
    );
    const { Volumes } = await docker.listVolumes();
    await volume.remove();
    return [code, Volumes.map(({ Name }) => Name), await refused(volume.inspect())];
  },

  prune: async (docker) => {
    await docker.createContainer({ Image: "busybox", Labels: { pruned: "" } });
    const { ContainersDeleted } = await docker.pruneContainers({ filters: { label: ["pruned"] } });
    return ContainersDeleted.length;
  },

  "what is refused": (docker) =>
    withContainer(docker, { ...SLEEPS, name: "taken" }, async () => {
      const nobody = docker.getContainer("no-such-container");
      const stopped = await docker.createContainer({ Image: "busybox", name: "stopped" });
      const answers = [
        await refused(nobody.inspect()),
        await refused(nobody.start()),
        await refused(nobody.logs({ stdout: true })),
        await refused(nobody.attach({ stream: true, stdout: true })),
        await refused(nobody.attach({ stream: true, stdin: true, hijack: true })),
        await refused(nobody.getArchive({ path: "/" })),
        await refused(nobody.putArchive(await tarOf({ file: payload(3_000_000) }), { path: "/" })),
        await refused(stopped.getArchive({ path: "/no/such" })),
        await refused(stopped.exec({ Cmd: ["true"] })).then(([status]) => status),
        await refused(docker.getExec("no-such-exec").start({ hijack: true, stdin: true })),
        await refused(docker.createContainer({ Image: "no-such-image" })),
        await refused(docker.createContainer({ Image: "busybox", name: "taken" })).then(([status]) => status),
        await refused(docker.getContainer("taken").remove()).then(([status]) => status),
      ];
      await stopped.remove();
      return answers;
    }),
};

async function outputOf(docker: Parameters<Use>[0], image: string): Promise<string> {
  return withContainer(docker, { Image: image, Tty: true }, async (container) => {
    await container.wait();
    return (await container.logs({ stdout: true })).toString();
  });
}
