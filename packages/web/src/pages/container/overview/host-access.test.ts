import { expect, test } from "vitest";
import { hostAccess } from "./host-access.ts";

const bind = (Source: string, RW = true) => ({ Type: "bind", Source, Destination: "/x", RW });

test("an ordinary container has nothing of the host", () => {
  const mounts = [
    bind("/srv/data"),
    bind("/home/me/etc"),
    { Type: "volume", Name: "v", Source: "/var/lib/docker/volumes/v/_data", Destination: "/v", RW: true },
  ];
  expect(
    hostAccess({ HostConfig: { NetworkMode: "bridge", IpcMode: "private", CapAdd: null }, Mounts: mounts }),
  ).toEqual([]);
});

test("each way to the host is named", () => {
  const found = hostAccess({
    HostConfig: {
      Privileged: true,
      CapAdd: ["NET_ADMIN", "SYS_PTRACE"],
      Devices: [{ PathOnHost: "/dev/kvm", PathInContainer: "/dev/kvm", CgroupPermissions: "rwm" }],
      NetworkMode: "host",
      PidMode: "host",
      SecurityOpt: ["seccomp=unconfined", "no-new-privileges"],
    },
    Mounts: [bind("/var/run/docker.sock", false)],
  });
  expect(found.join("\n")).toMatchInlineSnapshot(`
    "It is privileged: what runs in it can do everything on the host.
    Added capabilities: NET_ADMIN, SYS_PTRACE.
    Device of the host: /dev/kvm (rwm).
    Shares with the host: network, processes.
    Protection that is off: seccomp=unconfined.
    /var/run/docker.sock of the host is mounted at /x, read-only."
  `);
});

test.each(["/", "/etc", "/etc/ssl", "/run/docker.sock", "/var/lib/docker", "/root"])("%s is said", (source) => {
  expect(hostAccess({ HostConfig: {}, Mounts: [bind(source)] })).toHaveLength(1);
});

test.each(["/etcetera", "/srv/run", "/rootless"])("%s is not", (source) => {
  expect(hostAccess({ HostConfig: {}, Mounts: [bind(source)] })).toHaveLength(0);
});
