import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { startDockerd } from "./dockerd.ts";

test("runs containers, survives a kill and a restart, and leaves nothing behind", async () => {
  const dockerd = await startDockerd();
  const folder = dirname(dockerd.socketPath);
  try {
    await dockerd.importBusybox();
    expect(await dockerd.dockerOk(["run", "--rm", "busybox", "sh", "-c", "id -un; echo $((6*7))"])).toBe("root\n42");
    const echo = await dockerd.docker(["run", "--rm", "-i", "busybox", "sh", "-c", "cat; exit 3"], {
      input: "through",
    });
    expect(echo).toMatchObject({ code: 3, stdout: Buffer.from("through") });
    await expect(dockerd.dockerOk(["inspect", "nosuch"])).rejects.toThrow(/No such object: nosuch/);

    await dockerd.dockerOk(["network", "create", "own"]);
    await dockerd.dockerOk(["run", "-d", "--name", "long", "--network", "own", "busybox", "sleep", "1000"]);
    const { pid } = dockerd;
    await dockerd.kill();
    expect((await dockerd.docker(["ps"])).code).toBe(1);
    await dockerd.restart();
    expect(dockerd.pid).not.toBe(pid);
    expect(await dockerd.dockerOk(["ps", "-a", "--format", "{{.Names}} {{.State}}"])).toBe("long exited");
    await dockerd.dockerOk(["start", "long"]);
    expect(dockerd.logs()).toContain("API listen on");
  } finally {
    await dockerd.stop();
  }
  expect(existsSync(folder)).toBe(false);
  expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(folder);
});

test("what a program says that ends at once is not lost", async () => {
  await using dockerd = await startDockerd();
  await dockerd.importBusybox();
  const said = Array.from({ length: 20 }, (_, number) =>
    dockerd.dockerOk(["run", "--rm", "busybox", "echo", String(number)]),
  );
  expect(await Promise.all(said)).toEqual(Array.from({ length: 20 }, (_, number) => String(number)));
});

test("with a network, containers have an interface and publish ports; two daemons run at once", async () => {
  await using one = await startDockerd({ network: true });
  await using two = await startDockerd({ network: true });
  for (const dockerd of [one, two]) {
    await dockerd.importBusybox("test:1");
    expect(await dockerd.dockerOk(["run", "--rm", "test:1", "ip", "-4", "-o", "address"])).toMatch(/eth0 .*inet 10\./);
  }
  await one.dockerOk([
    "run",
    "-d",
    "--name",
    "web",
    "-p",
    "127.0.0.1:0:80",
    "test:1",
    "nc",
    "-l",
    "-p",
    "80",
    "-e",
    "echo",
    "hi",
  ]);
  const address = await one.dockerOk(["port", "web", "80"]);
  const reached = await two.docker(["run", "--rm", "--network", "host", "test:1", "nc", ...address.split(":")], {
    input: "",
  });
  expect(reached.stdout.toString()).toBe("hi\n");
});

test("a daemon that cannot start says why", async () => {
  await expect(startDockerd({ args: ["--no-such-option"] })).rejects.toThrow(/before it was ready[^]*no-such-option/);
});
