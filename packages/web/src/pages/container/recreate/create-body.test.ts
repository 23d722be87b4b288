import { describe, expect, test } from "vitest";
import type { ContainerConfig, ContainerInspect, HostConfig } from "../../../docker/container-inspect.ts";
import { createBody, splitNetworks } from "./create-body.ts";

const ID = "0123456789abcdef0123456789abcdef";

interface Given {
  readonly config?: Partial<ContainerConfig>;
  readonly host?: HostConfig;
  readonly mounts?: ContainerInspect["Mounts"];
  readonly networks?: ContainerInspect["NetworkSettings"]["Networks"];
}

const container = ({ config, host, mounts, networks }: Given = {}): ContainerInspect => ({
  Id: ID,
  Name: "/web",
  Created: "",
  Path: "",
  Args: [],
  State: {
    Status: "running",
    Running: true,
    Paused: false,
    OOMKilled: false,
    Pid: 1,
    ExitCode: 0,
    Error: "",
    StartedAt: "",
    FinishedAt: "",
  },
  Image: "sha256:1",
  RestartCount: 0,
  Driver: "",
  Platform: "linux",
  Config: { Image: "app:1", Hostname: ID.slice(0, 12), ...config },
  HostConfig: host ?? {},
  Mounts: mounts ?? [],
  NetworkSettings: { Networks: networks ?? {} },
});

const image = (config: Partial<ContainerConfig>) => ({ Config: config });

describe("what the image brings is left to it", () => {
  const of = image({
    Env: ["PATH=/bin", "LANG=C"],
    Cmd: ["serve"],
    Entrypoint: ["/entry"],
    WorkingDir: "/app",
    User: "app",
    Labels: { maintainer: "me", tier: "web" },
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/data": {} },
    StopSignal: "SIGQUIT",
    Healthcheck: { Test: ["CMD", "true"], Interval: 5 },
  });
  const same: Partial<ContainerConfig> = {
    Env: ["PATH=/bin", "LANG=C"],
    Cmd: ["serve"],
    Entrypoint: ["/entry"],
    WorkingDir: "/app",
    User: "app",
    Labels: { maintainer: "me", tier: "web" },
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/data": {} },
    StopSignal: "SIGQUIT",
    Healthcheck: { Interval: 5, Test: ["CMD", "true"] },
    OnBuild: null,
  };

  test("a container with nothing of its own asks for nothing", () => {
    expect(createBody(container({ config: same }), of)).toEqual({ Image: "app:1", HostConfig: {} });
  });

  test("only what is another than in the image stays", () => {
    const config = {
      ...same,
      Env: ["PATH=/bin", "LANG=de", "MODE=prod"],
      Labels: { maintainer: "me", tier: "db", own: "" },
      ExposedPorts: { "80/tcp": {}, "81/udp": {} },
      User: "",
    };
    expect(createBody(container({ config }), of)).toEqual({
      Image: "app:1",
      Env: ["LANG=de", "MODE=prod"],
      Labels: { tier: "db", own: "" },
      ExposedPorts: { "81/udp": {} },
      HostConfig: {},
    });
  });

  test.each<[string, Partial<ContainerConfig>, unknown, unknown]>([
    ["another command", { Cmd: ["sh"] }, undefined, ["sh"]],
    ["another entry point: the image's command does not count", { Entrypoint: ["/my"], Cmd: null }, ["/my"], undefined],
    ["another entry point with the image's command", { Entrypoint: ["/my"] }, ["/my"], ["serve"]],
    ["no entry point", { Entrypoint: null, Cmd: ["sh"] }, [""], ["sh"]],
    ["the image's entry point, asked for, without a command", { Cmd: null }, ["/entry"], undefined],
  ])("%s", (_what, config, entrypoint, command) => {
    const body = createBody(container({ config: { ...same, ...config } }), of);
    expect([body.Entrypoint, body.Cmd]).toEqual([entrypoint, command]);
  });

  test("of an image that is not there any more, all stays", () => {
    const body = createBody(container({ config: same }), undefined);
    expect(body).toMatchObject({ Env: same.Env, Cmd: ["serve"], Entrypoint: ["/entry"], Labels: same.Labels });
  });
});

test("a host name that the engine made up goes; one of its own stays", () => {
  expect(createBody(container(), undefined).Hostname).toBeUndefined();
  expect(createBody(container({ config: { Hostname: "db1" } }), undefined).Hostname).toBe("db1");
  const shared = container({ config: { Hostname: "other" }, host: { NetworkMode: "container:feed" } });
  expect(createBody(shared, undefined).Hostname).toBeUndefined();
});

test("volumes without a name keep their data; what is named or mounted otherwise stays as it is", () => {
  const volume = (Name: string, Destination: string, RW = true) => ({
    Type: "volume",
    Name,
    Source: `/v/${Name}`,
    Destination,
    RW,
  });
  const { HostConfig } = createBody(
    container({
      host: {
        Binds: ["/srv:/srv:ro", "data:/data/"],
        Mounts: [
          { Type: "volume", Target: "/cache" },
          { Type: "volume", Source: "kept", Target: "/kept", ReadOnly: true },
        ],
        Tmpfs: { "/run": "" },
      },
      mounts: [
        { Type: "bind", Source: "/srv", Destination: "/srv", RW: false },
        volume("data", "/data"),
        volume("a1", "/anonymous"),
        volume("a2", "/readonly", false),
        volume("a3", "/cache"),
        volume("kept", "/kept", false),
      ],
    }),
    undefined,
  );
  expect(HostConfig.Binds).toEqual(["/srv:/srv:ro", "data:/data/", "a1:/anonymous", "a2:/readonly:ro"]);
  expect(HostConfig.Mounts).toEqual([
    { Type: "volume", Source: "a3", Target: "/cache" },
    { Type: "volume", Source: "kept", Target: "/kept", ReadOnly: true },
  ]);
});

test("defaults of the host configuration go, but not those that mean something", () => {
  const host = {
    Memory: 0,
    Privileged: false,
    Binds: null,
    Dns: [],
    ContainerIDFile: "/tmp/x",
    ConsoleSize: [0, 0],
    MemorySwappiness: 0,
    Init: false,
    MaskedPaths: [],
    OomKillDisable: null,
    ShmSize: 67_108_864,
    RestartPolicy: { Name: "always", MaximumRetryCount: 0 },
    Links: ["/db:/web/database"],
  };
  expect(createBody(container({ host }), undefined).HostConfig).toEqual({
    MemorySwappiness: 0,
    Init: false,
    MaskedPaths: [],
    ShmSize: 67_108_864,
    RestartPolicy: { Name: "always", MaximumRetryCount: 0 },
    Links: ["db:database"],
  });
});

describe("networks", () => {
  const networks = {
    front: {
      NetworkID: "n1",
      IPAddress: "10.0.0.9",
      IPAMConfig: { IPv4Address: "10.0.0.9" },
      Aliases: ["www", ID.slice(0, 12)],
    },
    back: { NetworkID: "n2", IPAddress: "10.1.0.3", IPAMConfig: null, Aliases: null, MacAddress: "02:42" },
  };

  test("keep aliases and static addresses, and none that the engine gave", () => {
    const body = createBody(container({ host: { NetworkMode: "back" }, networks }), undefined);
    expect(body.NetworkingConfig?.EndpointsConfig).toEqual({
      front: { IPAMConfig: { IPv4Address: "10.0.0.9" }, Aliases: ["www"] },
      back: {},
    });
    const split = splitNetworks(body);
    expect(split.body.NetworkingConfig?.EndpointsConfig).toEqual({ back: {} });
    expect(split.others.map(([name]) => name)).toEqual(["front"]);
  });

  test("the default network is the engine's bridge", () => {
    const body = createBody(
      container({ host: { NetworkMode: "default" }, networks: { other: {}, bridge: {} } }),
      undefined,
    );
    expect(Object.keys(splitNetworks(body).body.NetworkingConfig?.EndpointsConfig ?? {})).toEqual(["bridge"]);
  });

  test.each(["host", "none", "container:feed"])("%s has none to connect", (mode) => {
    const body = createBody(container({ host: { NetworkMode: mode }, networks: { [mode]: {} } }), undefined);
    expect(body.NetworkingConfig).toBeUndefined();
    expect(body.HostConfig.NetworkMode).toBe(mode);
    expect(splitNetworks(body).others).toEqual([]);
  });
});
