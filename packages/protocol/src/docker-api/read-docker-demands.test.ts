import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isFairleadError } from "../errors.ts";
import { encodeUtf8 } from "../utf8.ts";
import { classifyDockerCall } from "./classify-docker-call.ts";
import { permissionsOfDemands } from "./docker-demand.ts";
import { isFormContentType, readDockerQuery } from "./docker-query.ts";
import { type DockerReading, hasDemandsInBody, readDockerDemands } from "./read-docker-demands.ts";

const decoder = new TextDecoder();

function read(method: string, target: string, body?: unknown): DockerReading {
  const call = classifyDockerCall(method, target);
  if (call === undefined) throw new Error(`${method} ${target} is in no class`);
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return readDockerDemands(call, target, encodeUtf8(text));
}

const demandsOf = (...call: Parameters<typeof read>): string[] =>
  read(...call).demands.map(({ kind, value, readOnly }) => `${kind} ${value}${readOnly ? " (ro)" : ""}`);

const create = (body: unknown): string[] => demandsOf("POST", "/v1.45/containers/create", body);

/** What `docker run -d --name web -v data:/data -p 80:80 nginx` sends (Docker CLI 26). */
const ORDINARY = {
  Hostname: "",
  User: "",
  AttachStdin: false,
  Env: ["A=1"],
  Cmd: null,
  Image: "nginx",
  Volumes: {},
  OnBuild: null,
  Labels: { "com.acme.team": "shop" },
  HostConfig: {
    Binds: ["data:/data"],
    ContainerIDFile: "",
    LogConfig: { Type: "", Config: {} },
    NetworkMode: "default",
    PortBindings: { "80/tcp": [{ HostIp: "", HostPort: "80" }] },
    RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    VolumesFrom: null,
    ConsoleSize: [40, 120],
    CapAdd: null,
    CapDrop: null,
    CgroupnsMode: "",
    IpcMode: "",
    OomScoreAdj: 0,
    PidMode: "",
    Privileged: false,
    SecurityOpt: null,
    UTSMode: "",
    UsernsMode: "",
    ShmSize: 0,
    CgroupParent: "",
    Devices: [],
    DeviceCgroupRules: null,
    DeviceRequests: null,
    MemorySwappiness: -1,
    OomKillDisable: false,
    MaskedPaths: null,
    ReadonlyPaths: null,
  },
  NetworkingConfig: { EndpointsConfig: { default: { IPAMConfig: null, DriverOpts: null, Aliases: null } } },
};

test("an ordinary container demands nothing, and its body goes on as it means", () => {
  const { demands, images, labels, name, body } = read("POST", "/containers/create?name=web", ORDINARY);
  expect(demands).toEqual([]);
  expect({ images, labels, name }).toEqual({ images: ["nginx"], labels: { "com.acme.team": "shop" }, name: "web" });
  expect(JSON.parse(decoder.decode(body))).toEqual(ORDINARY);
});

test("a container as Docker Compose makes it demands nothing", () => {
  const labels = { "com.docker.compose.project": "shop", "com.docker.compose.oneoff": "False" };
  const config = {
    ...ORDINARY,
    Env: ["PATH=/usr/bin:/bin", "LIST=a,b", "EMPTY="],
    Labels: labels,
    Volumes: { "/data": {}, "/var/cache": {} },
    HostConfig: {
      ...ORDINARY.HostConfig,
      Binds: ["shop_data:/data:rw", "shop_conf:/etc/app:ro,z,nocopy"],
      Mounts: [
        { Type: "volume", Source: "shop_cache", Target: "/var/cache", VolumeOptions: { Subpath: "web" } },
        { Type: "tmpfs", Target: "/run", TmpfsOptions: { SizeBytes: 65536 } },
      ],
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
      NetworkMode: "shop_default",
    },
    NetworkingConfig: { EndpointsConfig: { shop_default: { Aliases: ["shop-web-1", "web"], DNSNames: null } } },
  };
  expect(create(config)).toEqual([]);
});

describe("a container's HostConfig", () => {
  test.each<[object, string]>([
    [{ Privileged: true }, "privileged privileged"],
    [{ NetworkMode: "host" }, "namespace network"],
    [{ NetworkMode: "ns:/proc/1/ns/net" }, "namespace network"],
    [{ NetworkMode: "container:db" }, "container db"],
    [{ PidMode: "host" }, "namespace pid"],
    [{ PidMode: "container:db" }, "container db"],
    [{ IpcMode: "host" }, "namespace ipc"],
    [{ UTSMode: "host" }, "namespace uts"],
    [{ UsernsMode: "host" }, "namespace user"],
    [{ CgroupnsMode: "host" }, "namespace cgroup"],
    [{ Binds: ["/etc:/host:ro"] }, "bind /etc (ro)"],
    [{ Binds: ["/etc:/host"] }, "bind /etc"],
    [{ Binds: ["/etc:/host:ro,rw"] }, "bind /etc"],
    [{ Binds: ["/etc:/host:rw,ro"] }, "bind /etc"],
    [{ Binds: ["/etc:/host:ro,Z,rslave"] }, "bind /etc (ro)"],
    [{ Binds: ["data:/x:O"] }, "unknown bind option O"],
    [{ Binds: ["data:/x:U"] }, "unknown bind option U"],
    [{ Binds: ["data:/x:rw,upperdir=/etc"] }, "unknown bind option upperdir=/etc"],
    [{ Binds: ["data:/x:"] }, "unknown bind option "],
    [{ Binds: ["x,y"] }, "unknown volume x,y"],
    [{ Binds: ["C:\\Windows:/x"] }, "bind C:\\Windows:/x"],
    [{ Binds: ["C:/x"] }, "bind C"],
    [{ Binds: ["data\\..:/x"] }, "bind data\\..:/x"],
    [{ Binds: ["../etc:/host"] }, "bind ../etc"],
    [{ Binds: ["C:\\a:C:\\b"] }, "bind C:\\a:C:\\b"],
    [{ Mounts: [{ Type: "bind", Source: "/etc", Target: "/host" }] }, "bind /etc"],
    [{ Mounts: [{ Type: "bind", Source: "/etc", Target: "/x", ReadOnly: true }] }, "bind /etc (ro)"],
    [
      { Mounts: [{ Type: "bind", Source: "/etc", ReadOnly: true, BindOptions: { ReadOnlyNonRecursive: true } }] },
      "bind /etc",
    ],
    [{ Mounts: [{ Type: "volume", Source: "C", Target: "/x" }] }, "bind C"],
    ...["/x,source=/etc", '/x"', "/x\n", "/x\r"].map((text): [object, string] => [
      { Mounts: [{ Type: "tmpfs", Target: text }] },
      "unknown separator of options",
    ]),
    [{ Mounts: [{ Type: "image", Source: "a,b" }] }, "unknown separator of options"],
    [{ Mounts: [{ Type: "tmpfs", Consistency: "a,b" }] }, "unknown separator of options"],
    [{ Mounts: [{ Type: "tmpfs", BindOptions: { Propagation: "a,b" } }] }, "unknown separator of options"],
    [{ Mounts: [{ Type: "volume", VolumeOptions: { Subpath: "a,b" } }] }, "unknown separator of options"],
    [{ Mounts: [{ Type: "image", ImageOptions: { Subpath: "a,b" } }] }, "unknown separator of options"],
    [{ Mounts: [{ Type: "npipe", Source: "//./pipe/x", Target: "/p" }] }, "bind //./pipe/x"],
    [{ Mounts: [{ Type: "volume", Source: "/etc", Target: "/host" }] }, "bind /etc"],
    [{ Mounts: [{ Type: "cluster", Source: "x", Target: "/x" }] }, 'unknown mount of type "cluster"'],
    [{ Mounts: [{ Type: "tmpfs", Target: "/x", New: 1 }] }, "unknown mount option New"],
    [
      {
        Mounts: [
          { Type: "volume", VolumeOptions: { DriverConfig: { Options: { type: "none", o: "bind", device: "/etc" } } } },
        ],
      },
      "bind /etc",
    ],
    [{ VolumesFrom: ["db:ro"] }, "container db"],
    [{ Links: ["/db:database"] }, "container db"],
    [{ VolumeDriver: "sshfs" }, "security VolumeDriver sshfs"],
    [{ Devices: [{ PathOnHost: "/dev/kvm" }] }, "device /dev/kvm"],
    [{ DeviceRequests: [{ Driver: "", Count: -1, Capabilities: [["gpu"]] }] }, "device gpu:*"],
    [{ DeviceRequests: [{ Driver: "cdi", DeviceIDs: ["vendor.com/gpu=0"] }] }, "device cdi:vendor.com/gpu=0"],
    [{ DeviceCgroupRules: ["c 1:3 rwm"] }, "device cgroup:c 1:3 rwm"],
    [{ CapAdd: ["cap_sys_admin"] }, "capability SYS_ADMIN"],
    [{ CapAdd: "ALL" }, "capability ALL"],
    [{ SecurityOpt: ["seccomp=unconfined"] }, "security security option seccomp=unconfined"],
    [{ SecurityOpt: ["no-new-privileges:false"] }, "security security option no-new-privileges:false"],
    [{ MaskedPaths: [] }, "security MaskedPaths of its own"],
    [{ ReadonlyPaths: [] }, "security ReadonlyPaths of its own"],
    [{ CgroupParent: "/" }, "security CgroupParent /"],
    [{ Sysctls: { "net.ipv4.ip_forward": "1" } }, "security sysctl net.ipv4.ip_forward"],
    [{ Runtime: "/tmp/evil" }, "security runtime /tmp/evil"],
    [{ OomScoreAdj: -1000 }, "security OOM score"],
    [{ OomKillDisable: true }, "security no OOM killer"],
    [{ Annotations: { "run.oci.keep_original_groups": "1" } }, "security annotation run.oci.keep_original_groups"],
    [{ LogConfig: { Type: "syslog" } }, "security log driver syslog"],
    [{ LogConfig: { Type: "json-file", Config: { path: "/etc/cron.d/x" } } }, "unknown log option path"],
    [{ LogConfig: { Config: { "Max-Size": "1m" } } }, "unknown log option Max-Size"],
    [{ ContainerIDFile: "/etc/cron.d/x" }, "unknown file for the id /etc/cron.d/x"],
    [{ StorageOpt: { "dm.basesize": "1" } }, "security storage option dm.basesize"],
    [{ Isolation: "hyperv" }, "security Isolation hyperv"],
    [{ Cgroup: "container:db" }, "container db"],
    [{ FromTheFuture: false }, "unknown field FromTheFuture"],
  ])("%j demands %s, in whatever capitals and also outside of HostConfig", (config, demand) => {
    expect(create({ HostConfig: config })).toEqual([demand]);
    const shouted = Object.fromEntries(Object.entries(config).map(([name, value]) => [name.toUpperCase(), value]));
    expect(create({ hostCONFIG: shouted }).map((one) => one.toLowerCase())).toEqual([demand.toLowerCase()]);
    expect(create(config)).toEqual([demand]);
  });

  test.each([
    { Binds: ["data:/x", "/x", "data:/x:ro,nocopy", "data:/x:rw,z", "a1:/x:cached"] },
    { LogConfig: { Config: { "max-file": "3", compress: "true", tag: "{{.Name}}", labels: "a", "env-regex": "^A" } } },
    { Mounts: [{ Type: "tmpfs", Target: "/x", TmpfsOptions: { SizeBytes: 1 } }] },
    { Mounts: [{ Type: "volume", Source: "data", Target: "/x", VolumeOptions: { NoCopy: true } }] },
    { NetworkMode: "my-net", IpcMode: "shareable", PidMode: "private", CgroupnsMode: "private" },
    { SecurityOpt: ["no-new-privileges", "no-new-privileges:true"], CapDrop: ["ALL"], StorageOpt: { size: "1G" } },
    { Memory: 9_007_199_254_740_991, Runtime: "runc", LogConfig: { Type: "json-file", Config: { "max-size": "1m" } } },
  ])("%j demands nothing", (config) => {
    expect(create({ HostConfig: config })).toEqual([]);
  });

  test.each<[object, string[]]>([
    [{ Volumes: { "/data": {}, "/srv/my data": {} } }, []],
    [{ Volumes: { "/etc:/x": {} } }, ["unknown volume /etc:/x"]],
    [{ Volumes: { "/x,y": {} } }, ["unknown volume /x,y"]],
    [{ volumes: { data: {} } }, ["unknown volume data"]],
    [{ Env: ["A=1", "B=", "C=a=b\nc,d"] }, []],
    [{ Env: ["A=1", "SECRET"] }, ["unknown variable without ="]],
    [{ env: ["*"] }, ["unknown variable without ="]],
  ])("outside of it %j demands %j", (config, demands) => {
    expect(create(config)).toEqual(demands);
  });

  test("has no field in Docker's description that the reader does not know", () => {
    const url = new URL("../../vectors/docker-bodies-1.55.json", import.meta.url);
    const known = JSON.parse(readFileSync(url, "utf8")) as Record<string, string[]>;
    const unknown = (body: object): string[] => create(body).filter((demand) => demand.startsWith("unknown field"));
    const fields = (name: string): object => Object.fromEntries((known[name] ?? []).map((field) => [field, null]));
    expect(known["HostConfig"]?.length).toBeGreaterThan(60);
    // A null changes nothing: each field must be known by its name.
    for (const field of known["HostConfig"] ?? []) {
      for (const value of [0, "", false, [], {}]) {
        try {
          expect(unknown({ HostConfig: { [field]: value } }), field).toEqual([]);
        } catch (error) {
          if (!isFairleadError(error, "bad_request")) throw error;
        }
      }
    }
    expect(unknown(fields("ContainerConfig"))).toEqual([]);
  });
});

describe("other calls", () => {
  test.each<[method: string, target: string, body: unknown, demands: string[]]>([
    ["POST", "/containers/web/update", { Memory: 1, RestartPolicy: {} }, []],
    ["POST", "/containers/web/update", { Devices: [{ PathOnHost: "/dev/sda" }] }, ["device /dev/sda"]],
    ["POST", "/containers/web/start", undefined, []],
    ["POST", "/containers/web/start", {}, []],
    ["POST", "/containers/web/start", { Binds: ["/:/host"] }, ["unknown field Binds"]],
    ["POST", "/containers/web/start?checkpoint=c&checkpoint-dir=/etc", undefined, ["bind /etc"]],
    ["POST", "/containers/web/checkpoints", { CheckpointID: "c", checkpointdir: "/etc" }, ["bind /etc"]],
    ["GET", "/containers/web/checkpoints?dir=/etc", undefined, ["bind /etc"]],
    ["POST", "/containers/web/exec", { Cmd: ["id"], User: "nobody" }, []],
    [
      "POST",
      "/containers/web/exec",
      {
        User: "",
        Privileged: false,
        Tty: true,
        ConsoleSize: [40, 120],
        AttachStdin: true,
        DetachKeys: "",
        Env: null,
        Cmd: ["sh"],
      },
      [],
    ],
    ["POST", "/containers/web/exec", { Cmd: ["id"], Env: ["A=1"] }, []],
    ["POST", "/containers/web/exec", { Cmd: ["id"], Env: ["SECRET*"] }, ["unknown variable without ="]],
    ["POST", "/containers/web/exec", { Cmd: ["id"], privileged: true }, ["privileged privileged"]],
    ["POST", "/volumes/create", { Name: "v", Driver: "local", DriverOpts: {} }, []],
    ["POST", "/volumes/create", { DriverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m,uid=1000" } }, []],
    ["POST", "/volumes/create", { driveropts: { type: "none", o: "bind", device: "/etc" } }, ["bind /etc"]],
    ["POST", "/volumes/create", { DriverOpts: { o: "bind,ro", device: "/etc" } }, ["bind /etc (ro)"]],
    ["POST", "/volumes/create", { DriverOpts: { o: "bind,ro,rw", device: "/etc" } }, ["bind /etc"]],
    ["POST", "/volumes/create", { DriverOpts: { o: "rbind,ro", device: "/etc" } }, ["bind /etc"]],
    ["POST", "/volumes/create", { DriverOpts: { type: "tmpfs", o: "bind", device: "/etc" } }, ["bind /etc"]],
    [
      "POST",
      "/volumes/create",
      { DriverOpts: { type: "overlay", device: "overlay", o: "lowerdir=/etc,upperdir=/srv/u,workdir=/srv/w" } },
      ["bind mount of type=overlay device=overlay o=lowerdir=/etc,upperdir=/srv/u,workdir=/srv/w"],
    ],
    [
      "POST",
      "/volumes/create",
      { DriverOpts: { type: "ext4", device: "/dev/sda1" } },
      ["bind mount of type=ext4 device=/dev/sda1 o="],
    ],
    ["POST", "/volumes/create", { Driver: "sshfs" }, ["security volume driver sshfs"]],
    ["PUT", "/volumes/v", { Spec: {} }, ["unknown field Spec"]],
    ["POST", "/networks/create", { Name: "n", Driver: "bridge", Options: {} }, []],
    ["POST", "/networks/create", { Name: "n", Driver: "macvlan" }, ["namespace network"]],
    [
      "POST",
      "/networks/create",
      { Name: "n", Options: { "com.docker.network.bridge.name": "br0" } },
      ["namespace network"],
    ],
    ["POST", "/networks/n/connect", { Container: "web" }, ["container web"]],
    [
      "POST",
      "/networks/n/connect",
      { Container: "web", EndpointConfig: { Links: ["db:x"], DriverOpts: { a: "b" } } },
      ["container web", "container db", "security network option a"],
    ],
    ["POST", "/networks/n/disconnect", { container: "web", Force: true }, ["container web"]],
    ["POST", "/services/create", { Name: "s", TaskTemplate: { ContainerSpec: { Image: "nginx" } } }, []],
    [
      "POST",
      "/services/s/update?version=1",
      {
        tasktemplate: {
          containerspec: { MOUNTS: [{ Type: "bind", Source: "/", Target: "/x" }], CapabilityAdd: ["ALL"] },
        },
      },
      ["bind /", "capability ALL"],
    ],
    [
      "POST",
      "/services/create",
      {
        TaskTemplate: {
          ContainerSpec: { Privileges: { Seccomp: { Mode: "unconfined" } } },
          Networks: [{ Target: "host" }],
        },
      },
      ["namespace network", "security Seccomp"],
    ],
    ...["a1b2", "host2", "0".repeat(64)].map((Target): [string, string, unknown, string[]] => [
      "POST",
      "/services/create",
      { TaskTemplate: { Networks: [{ Target }] } },
      ["namespace network"],
    ]),
    ["POST", "/services/create", { Networks: [{ Target: "ab" }] }, ["namespace network"]],
    ...["shop_default", "my-net", "Net", "a.b"].map((Target): [string, string, unknown, string[]] => [
      "POST",
      "/services/create",
      { TaskTemplate: { Networks: [{ Target }] } },
      [],
    ]),
    ["POST", "/services/create", { TaskTemplate: { PluginSpec: { Remote: "x" } } }, ["privileged an engine plugin"]],
    ["POST", "/build?t=a&t=b&dockerfile=D&buildargs=%7B%7D&version=1", undefined, []],
    [
      "POST",
      "/build?buildargs=%7B%7D&cachefrom=%5B%5D&cgroupparent=&cpuperiod=0&dockerfile=Dockerfile&labels=%7B%7D&networkmode=default&rm=1&shmsize=0&target=&ulimits=%5B%5D&version=1",
      undefined,
      [],
    ],
    ["POST", "/build?dockerfile=docker/web..prod.Dockerfile", undefined, []],
    ["POST", "/build?dockerfile=.dockerfile.0a1b&remote=client-session", undefined, []],
    ["POST", "/build?dockerfile=https://example.com/a/../Dockerfile", undefined, []],
    ["POST", "/build?dockerfile=/etc/shadow", undefined, ["unknown Dockerfile /etc/shadow"]],
    ["POST", "/build?dockerfile=a/../../etc/shadow", undefined, ["unknown Dockerfile a/../../etc/shadow"]],
    ["POST", "/build?dockerfile=D&dockerfile=..", undefined, ["unknown Dockerfile .."]],
    ["POST", "/build?dockerfile=HTTP://x/../../y", undefined, ["unknown Dockerfile HTTP://x/../../y"]],
    ["POST", "/build?dockerfile=+%5B%22/etc/shadow%22%5D", undefined, ['unknown Dockerfile  ["/etc/shadow"]']],
    ["POST", "/build?networkmode=host", undefined, ["namespace network"]],
    ["POST", "/build?networkmode=container:db", undefined, ["container db"]],
    [
      "POST",
      "/build?cgroupparent=/&securityopt=seccomp%3Dunconfined",
      undefined,
      ["security cgroupparent /", "security securityopt seccomp=unconfined"],
    ],
    [
      "POST",
      "/build?volume=/etc:/x&outputs=type=local,dest=/etc",
      undefined,
      ["unknown parameter volume", "unknown parameter outputs"],
    ],
    ["POST", "/grpc", undefined, ["namespace network"]],
    ["POST", "/commit?container=web&repo=x", undefined, ["container web"]],
    ["POST", "/plugins/pull?remote=x", undefined, ["privileged an engine plugin"]],
    ["POST", "/plugins/a/b/upgrade?remote=x", undefined, ["privileged an engine plugin"]],
    ["GET", "/swarm", undefined, ["privileged the swarm's join tokens"]],
    ["HEAD", "/v1.45/swarm", undefined, ["privileged the swarm's join tokens"]],
    ["POST", "/swarm/init", undefined, ["privileged a swarm's keys"]],
    ["POST", "/nodes/n/update?version=1", undefined, ["privileged a node's role"]],
    ["POST", "/swarm/join", undefined, ["privileged another swarm's managers"]],
    ["POST", "/containers/web/kill?signal=9", undefined, []],
  ])("%s %s %j demands %j", (method, target, body, demands) => {
    expect(demandsOf(method, target, body)).toEqual(demands);
  });

  test.each([
    ["/images/create?fromImage=nginx&tag=1.25", ["nginx:1.25"]],
    ["/images/create?fromImage=nginx&tag=sha256:abc", ["nginx@sha256:abc"]],
    ["/images/create?fromImage=ghcr.io/a/b@sha256:abc", ["ghcr.io/a/b@sha256:abc"]],
    ["/images/create?fromSrc=-&repo=x", []],
  ])("%s names the images %j", (target, images) => {
    expect(read("POST", target).images).toEqual(images);
  });

  test("a rename's new name, and an exec's user are told", () => {
    expect(read("POST", "/containers/web/rename?name=%2Fnew").name).toBe("new");
    expect(read("POST", "/containers/web/exec", { uSER: "0:0" }).user).toBe("0:0");
  });

  test("bodies of other calls are not asked for", () => {
    const needed = (method: string, target: string): boolean =>
      hasDemandsInBody(classifyDockerCall(method, target)?.endpoint ?? expect.unreachable());
    expect(needed("POST", "/containers/create")).toBe(true);
    expect(needed("PUT", "/containers/web/archive")).toBe(false);
    expect(needed("POST", "/build")).toBe(false);
  });
});

describe("what cannot be checked is refused", () => {
  test.each<[what: string, body: string | Uint8Array]>([
    ["fields that are there twice in other capitals", '{"HostConfig":{},"hostconfig":{"Privileged":true}}'],
    ["fields spelled with a long s", '{"HoſtConfig":{"Privileged":true}}'],
    ["fields spelled with a Kelvin sign", '{"HostConfig":{"\\u212aernelMemory":1}}'],
    ["trailing data", '{"Image":"a"} {"HostConfig":{"Privileged":true}}'],
    ["no JSON", "Image=a"],
    ["half of it", '{"Image":"a"'],
    ["a list", "[]"],
    ["a text", '"{}"'],
    ["a wrong type", '{"HostConfig":{"Privileged":"true"}}'],
    ["a wrong type inside", '{"HostConfig":{"Binds":[["/:/x"]]}}'],
    ["a HostConfig that is none", '{"HostConfig":[{"Privileged":true}]}'],
    ["wrong UTF-8", Uint8Array.from([...encodeUtf8('{"Image":"a'), 0xff, ...encodeUtf8('"}')])],
    ["a byte order mark", '\ufeff{"Image":"a"}'],
  ])("%s", (_, body) => {
    const call = classifyDockerCall("POST", "/containers/create") ?? expect.unreachable();
    const bytes = typeof body === "string" ? encodeUtf8(body) : body;
    expect(() => readDockerDemands(call, "/containers/create", bytes)).toThrow(
      expect.objectContaining({ code: "bad_request", message: expect.stringContaining("cannot be checked") }),
    );
  });

  test.each(["/build?networkmode=bridge&networkmode=host", "/build?a=1;networkmode=host", "/build?networkmode=%zz"])(
    "%s",
    (target) => {
      expect(() => read("POST", target)).toThrow(expect.objectContaining({ code: "bad_request" }));
    },
  );

  test("two names for one container", () => {
    expect(() => read("POST", "/containers/create?name=a", { Name: "b" })).toThrow(/differ/);
  });
});

test("of a field that is there twice the engine gets the one that was checked", () => {
  const body = '{"HostConfig":{"Privileged":true},"HostConfig":{}}';
  const reading = read("POST", "/containers/create", body);
  expect(reading.demands).toEqual([]);
  expect(decoder.decode(reading.body)).toBe('{"HostConfig":{}}');
});

test("an empty body and null stay what they are, and large numbers keep their digits", () => {
  expect(read("POST", "/containers/create").body).toHaveLength(0);
  expect(decoder.decode(read("POST", "/containers/create", "null").body)).toBe("null");
  const large = '{"HostConfig":{"Memory":9223372036854771712,"NanoCpus":1500000000}}';
  expect(decoder.decode(read("POST", "/containers/create", large).body)).toBe(large);
});

test("demands ask for the permissions that the hub gives", () => {
  const { demands } = read("POST", "/containers/create", { HostConfig: { Binds: ["/a:/a"], PidMode: "container:x" } });
  expect(permissionsOfDemands(demands)).toEqual(["container.bind"]);
  expect(permissionsOfDemands(read("POST", "/grpc").demands)).toEqual(["container.privileged"]);
});

test("queries are read as Go reads them, and content types of forms are known", () => {
  expect([...readDockerQuery("/x?a=1&b=%20+&a=2&&c")]).toEqual([
    ["a", ["1", "2"]],
    ["b", ["  "]],
    ["c", [""]],
  ]);
  expect(isFormContentType("Application/X-WWW-Form-urlencoded; charset=utf-8")).toBe(true);
  expect(isFormContentType("multipart/form-data; boundary=x")).toBe(true);
  expect(isFormContentType("application/json")).toBe(false);
});
