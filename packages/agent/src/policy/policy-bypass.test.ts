import {
  type LegacyHub,
  type LegacyHubConnection,
  startLegacyHub,
  type TempDir,
  tempDir,
  waitFor,
} from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policyFile, RecordingEngine, sayRaw, startPolicyAgent, StreamCaller } from "./policy-fixture.ts";

/** Everything that is usual, and a folder to mount: what is not written here is to be refused. */
const FILE = `
name: shop
allow: ["*"]
deny: [image.build, system.debug]
binds: [/srv/data, /srv/read:ro]
containers: { allow: [{ name: "shop-*" }] }
images: { allow: ["docker.io/library/nginx", "ghcr.io/acme/*:1.*"] }
exec: { users: [nobody] }
`;

const ID = "1f".repeat(32);
const OTHER_ID = "2f".repeat(32);

let engine: RecordingEngine;
let folder: TempDir;
let hub: LegacyHub;
const stops: (() => Promise<void>)[] = [];

interface Doors {
  readonly standard: Awaited<ReturnType<typeof startPolicyAgent>>;
  readonly connection: LegacyHubConnection;
  readonly streams: StreamCaller;
}
const doors = new Map<string, Doors>();

beforeAll(async () => {
  engine = await RecordingEngine.start();
  folder = await tempDir();
  hub = await startLegacyHub();
  engine.answers.set("/containers/shop-web/json", container(ID, "/shop-web"));
  engine.answers.set(`/containers/${ID}/json`, container(ID, "/shop-web"));
  engine.answers.set("/containers/db/json", container(OTHER_ID, "/db"));
  engine.answers.set("/containers/2f2f/json", container(OTHER_ID, "/db"));
  engine.answers.set(`/containers/${OTHER_ID}/json`, container(OTHER_ID, "/db"));
  engine.answers.set("/exec/ofdb/json", { ContainerID: OTHER_ID, ProcessConfig: { user: "nobody" } });
  engine.answers.set("/exec/asroot/json", { ContainerID: ID, ProcessConfig: { user: "" } });
  engine.answers.set("/exec/privileged/json", { ContainerID: ID, ProcessConfig: { user: "nobody", privileged: true } });
  for (const name of ["no-exec", "read-only", "file"]) {
    const POLICY = name === "file" ? await policyFile(folder.path, FILE) : name;
    const env = { DOCKER_SOCKET: engine.socketPath, POLICY };
    const standard = await startPolicyAgent(env);
    const edge = await startPolicyAgent({
      ...env,
      DOCKHAND_SERVER_URL: hub.url,
      TOKEN: hub.token,
      AGENT_ID: `agent-${name}`,
    });
    const connection = await hub.waitForAgent(doors.size);
    const streams = await StreamCaller.start(engine.socketPath, POLICY);
    doors.set(name, { standard, connection, streams });
    stops.push(
      async () => await standard[Symbol.asyncDispose](),
      async () => await edge[Symbol.asyncDispose](),
    );
    stops.push(() => Promise.resolve(streams[Symbol.dispose]()));
  }
});

afterAll(async () => {
  for (const stop of stops) await stop();
  await hub?.stop();
  await engine?.[Symbol.asyncDispose]();
  await folder?.stop();
});

function container(id: string, name: string): object {
  return { Id: id, Name: name, Config: { Labels: {}, User: "" } };
}

function doorsOf(policy: string): Doors {
  return doors.get(policy) ?? expect.unreachable();
}

interface Attempt {
  readonly method: string;
  readonly target: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array;
}

/** Tries it in standard mode, over 1.0 and over streams: refused, and the engine heard nothing of it. */
async function expectRefused(policy: string, { method, target, headers = {}, body }: Attempt): Promise<void> {
  const { standard, connection, streams } = doorsOf(policy);
  engine.forget();
  const bytes = Buffer.from(body ?? "");
  const length = body === undefined ? {} : { "Content-Length": String(bytes.length) };
  const lines = Object.entries({ Host: "x", "X-Hawser-Token": "secret", ...headers, ...length }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const answer = await sayRaw(
    standard,
    `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n${bytes.toString("latin1")}`,
  );
  expect(answer, "in standard mode").toMatch(/^HTTP\/1\.1 4\d\d /);
  const whole = await connection.request(method, target, { headers, ...(body === undefined ? {} : { body: bytes }) });
  expect(whole.statusCode, `over 1.0: ${whole.body.toString()}`).toBeGreaterThanOrEqual(400);
  const streaming = connection.streamRequest(method, target, {
    headers,
    ...(body === undefined ? {} : { body: bytes }),
  });
  expect((await streaming.ended())["reason"], "as a stream of 1.0").toBe("error");
  const pairs = Object.entries({ ...headers, ...length });
  const streamed = await streams.call({ method, path: target, headers: pairs }, body === undefined ? [] : [bytes]);
  expect(streamed.status, "over streams").toBe(0);
  expect(engine.requestLines).toEqual([]);
}

describe("an exec under no-exec, by a path spelled", () => {
  test.each([
    "/Containers/shop-web/exec",
    "/containers/shop-web/EXEC",
    "//containers/shop-web/exec",
    "/containers//shop-web/exec",
    "/containers/shop-web//exec",
    "/containers/shop-web/exec/",
    "/./containers/shop-web/exec",
    "/containers/./shop-web/exec",
    "/containers/x/../shop-web/exec",
    "/v1.44/../containers/shop-web/exec",
    "/%2e%2e/containers/shop-web/exec",
    "/containers/%2e/shop-web/exec",
    "/containers/shop-web/%65xec",
    "/containers/shop-web%2Fexec",
    "/%63ontainers/shop-web/exec",
    "/%2fcontainers/shop-web/exec",
    "/containers/shop-web/exec%20",
    "/containers/shop-web/exec%00",
    "/containers/shop-web/exec%0d%0a",
    "/containers/shop-web/exec;x",
    "/containers/shop-web/exec%3Fx",
    "/containers/shop-web/exec%23",
    "/containers/shop-web/exec%252f",
    "/containers\\shop-web\\exec",
    "/V1.44/containers/shop-web/exec",
    "/v1.44/v1.44/containers/shop-web/exec",
    "/v1/containers/shop-web/exec",
    "/v1.44.0/containers/shop-web/exec",
    "/v01.44/containers/shop-web/exec",
    "/v1.23/containers/shop-web/exec",
    "/v9.99/containers/shop-web/exec",
    "/v1.44/libpod/containers/shop-web/exec",
    "/libpod/containers/shop-web/exec",
    "/containers/w%E9b/exec",
    "/containers/shop-web/exec?x=/json",
    "/containers/json/../shop-web/exec",
    "/containers/shop-web/%61ttach",
    "/containers/shop-web/attach?stream=1&stdin=1",
    "/exec/abc/%73tart",
    "/_ping/../containers/shop-web/exec",
  ])("%s", async (target) => {
    await expectRefused("no-exec", { method: "POST", target, body: '{"Cmd":["id"]}' });
  });

  test.each([
    ["HEAD", "/containers/shop-web/attach/ws"],
    ["GET", "/containers/shop-web/attach/%77s"],
    ["post", "/containers/shop-web/exec"],
    ["Post", "/containers/shop-web/exec"],
    ["PATCH", "/containers/shop-web/exec"],
    ["PUT", "/containers/shop-web/exec"],
    ["TRACE", "/containers/shop-web/exec"],
    ["QUERY", "/containers/shop-web/exec"],
  ])("with %s %s", async (method, target) => {
    await expectRefused("no-exec", { method, target });
  });
});

describe("a change under read-only", () => {
  test.each([
    ["POST", "/containers/create"],
    ["POST", "/v1.23/containers/shop-web/start"],
    ["POST", "/containers/shop-web/wait/../start"],
    ["POST", "/containers/json"],
    ["DELETE", "/containers/shop-web/json"],
    ["DELETE", "/images/json%2F..%2Fnginx"],
    ["HEAD", "/swarm/unlockkey"],
    ["GET", "/swarm/unlockkey"],
    ["GET", "/swarm"],
    ["HEAD", "/v1.44/swarm"],
    ["GET", "/containers/shop-web/checkpoints?dir=/etc/x"],
    ["GET", "/debug/pprof/heap"],
    ["POST", "/grpc"],
    ["POST", "/session"],
    ["PUT", "/containers/shop-web/archive?path=/"],
    ["POST", "/images/search"],
    ["OPTIONS", "/containers/json"],
  ])("%s %s", async (method, target) => {
    await expectRefused("read-only", { method, target });
  });

  test("by a header that names another method", async () => {
    const { standard, connection } = doorsOf("read-only");
    engine.forget();
    const headers = { "X-HTTP-Method-Override": "POST", "X-HTTP-Method": "DELETE" };
    await connection.request("GET", "/containers/json", { headers });
    await sayRaw(standard, "GET /containers/json?_method=POST HTTP/1.1\r\nX-Hawser-Token: secret\r\n\r\n");
    expect(engine.requestLines).toEqual([
      "GET /containers/json HTTP/1.1",
      "GET /containers/json?_method=POST HTTP/1.1",
    ]);
  });
});

const AUTH = "Host: x\r\nX-Hawser-Token: secret\r\n";
const HIDDEN = `POST /containers/shop-web/exec HTTP/1.1\r\nHost: x\r\nX-Hawser-Token: secret\r\nContent-Length: 0\r\n\r\n`;

describe("bytes in standard mode under no-exec", () => {
  test.each([
    [
      "an upgrade to h2c on a plain path",
      `GET /_ping HTTP/1.1\r\n${AUTH}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
    ],
    ["an upgrade that no Connection names", `GET /_ping HTTP/1.1\r\n${AUTH}uPGRADE: h2c\r\n\r\n`],
    [
      "an upgrade to websocket on a list",
      `GET /containers/json HTTP/1.1\r\n${AUTH}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ],
    [
      "an upgrade to tcp on a start",
      `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n`,
    ],
    [
      "two upgrades, one of them right",
      `POST /session HTTP/1.1\r\n${AUTH}Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: tcp\r\n\r\n`,
    ],
    ["HTTP/2 from the start", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["the absolute form", `GET http://docker/containers/json HTTP/1.1\r\n${AUTH}\r\n`],
    ["the authority form", `CONNECT docker:80 HTTP/1.1\r\n${AUTH}\r\n`],
    ["the asterisk form", `OPTIONS * HTTP/1.1\r\n${AUTH}\r\n`],
    [
      "a length and chunks",
      `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      "chunks and a length",
      `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}transfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      "two lengths",
      `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Content-Length: 0\r\nCONTENT-LENGTH: 120\r\n\r\n${HIDDEN}`,
    ],
    [
      "the same length twice",
      `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Content-Length: 0, 0\r\n\r\n${HIDDEN}`,
    ],
    ["a length with a sign", `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Content-Length: +0\r\n\r\n${HIDDEN}`],
    [
      "a length in hexadecimal",
      `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Content-Length: 0x10\r\n\r\n${HIDDEN}`,
    ],
    [
      "chunks twice",
      `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      "another coding",
      `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      "a coding that is nearly chunked",
      `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Transfer-Encoding: xchunked\r\n\r\n${HIDDEN}`,
    ],
    [
      "a space before the colon",
      `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Transfer-Encoding : chunked\r\n\r\n${HIDDEN}`,
    ],
    [
      "chunks in HTTP/1.0",
      `POST /containers/shop-web/start HTTP/1.0\r\n${AUTH}Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${HIDDEN}`,
    ],
    ["a folded line", `GET /_ping HTTP/1.1\r\n${AUTH}X: a\r\n Transfer-Encoding: chunked\r\n\r\n`],
    ["a line that ends with LF alone", `GET /_ping HTTP/1.1\r\n${AUTH}X: a\nContent-Length: 10\r\n\r\n`],
    ["a NUL in a header", `GET /_ping HTTP/1.1\r\n${AUTH}X: a\0b\r\n\r\n`],
    ["a header without a name", `GET /_ping HTTP/1.1\r\n${AUTH}: a\r\n\r\n`],
    ["two requests in one line", `GET /_ping HTTP/1.1 POST /containers/shop-web/exec HTTP/1.1\r\n${AUTH}\r\n`],
    ["a byte above ASCII in the path", `GET /containers/\u00e9/json HTTP/1.1\r\n${AUTH}\r\n`],
    ["HTTP/1.2", `GET /_ping HTTP/1.2\r\n${AUTH}\r\n`],
    ["no version", `GET /containers/json\r\n${AUTH}\r\n`],
    [
      "a form",
      `POST /containers/shop-web/kill HTTP/1.1\r\n${AUTH}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 8\r\n\r\nsignal=9`,
    ],
  ])("%s", async (_, bytes) => {
    engine.forget();
    const answer = await sayRaw(doorsOf("no-exec").standard, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(engine.requestLines).toEqual([]);
  });

  test.each([
    ["behind another request", `GET /_ping HTTP/1.1\r\n${AUTH}\r\n${HIDDEN}`],
    ["behind an empty body", `GET /_ping HTTP/1.1\r\n${AUTH}Content-Length: 0\r\n\r\n${HIDDEN}`],
    [
      "behind chunks",
      `POST /containers/shop-web/kill HTTP/1.1\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      "behind a chunk with an extension",
      `POST /containers/shop-web/kill HTTP/1.1\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n1;a="\\"b"\r\nx\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      "behind a trailer",
      `POST /containers/shop-web/kill HTTP/1.1\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 500\r\n\r\n${HIDDEN}`,
    ],
    ["behind an empty line", `GET /_ping HTTP/1.1\r\n${AUTH}\r\n\r\n${HIDDEN}`],
  ])("an exec %s does not go on with it", async (_, bytes) => {
    engine.forget();
    const answer = await sayRaw(doorsOf("no-exec").standard, bytes, /HTTP\/1\.1 403 /);
    expect(answer).toContain("this host's policy (no-exec) refuses POST /containers/shop-web/exec");
    expect(engine.text).not.toContain("exec");
  });

  test.each([
    ["a chunk's size is none", "zz\r\n"],
    ["a chunk's size has too many digits", "10000000000000000\r\n"],
    ["a chunk's size is negative", "-1\r\n"],
    ["a chunk's line ends with LF alone", "0\n\n"],
    ["a chunk's size is hidden in an extension", "1\n;\r\n"],
  ])("an exec does not hide where %s", async (_, chunks) => {
    engine.forget();
    const head = `POST /containers/shop-web/kill HTTP/1.1\r\n${AUTH}Transfer-Encoding: chunked\r\n\r\n`;
    await sayRaw(doorsOf("no-exec").standard, `${head}${chunks}${HIDDEN}`, /\0/);
    expect(engine.text).not.toContain("exec");
  });
});

describe("what a hub puts into messages under no-exec", () => {
  test.each<[what: string, method: string, path: string, headers: Record<string, string>]>([
    ["a method", "GET /containers/shop-web/exec HTTP/1.1\r\nX:", "/_ping", {}],
    ["a path", "GET", "/_ping HTTP/1.1\r\n\r\nPOST /containers/shop-web/exec", {}],
    ["a header's value", "GET", "/_ping", { X: "a\r\n\r\nPOST /containers/shop-web/exec HTTP/1.1" }],
    ["a header's name", "GET", "/_ping", { "X: a\r\nContent-Length": "3" }],
    ["an upgrade", "GET", "/_ping", { Upgrade: "h2c", Connection: "Upgrade" }],
  ])("a second request in %s", async (_, method, path, headers) => {
    const { connection, streams } = doorsOf("no-exec");
    engine.forget();
    expect((await connection.request(method, path, { headers })).statusCode).toBeGreaterThanOrEqual(400);
    expect((await streams.call({ method, path, headers: Object.entries(headers) })).status).toBe(0);
    expect(engine.requestLines).toEqual([]);
  });

  test("a length that is not the body's, over 1.0", async () => {
    engine.forget();
    const headers = { "Content-Length": "1", "Transfer-Encoding": "chunked", Connection: "content-length" };
    await doorsOf("no-exec").connection.request("POST", "/containers/shop-web/kill", {
      headers,
      body: Buffer.from(HIDDEN),
    });
    expect(engine.requestLines[0]).toBe("POST /containers/shop-web/kill HTTP/1.1");
    expect(engine.text).toContain(`content-length: ${HIDDEN.length}`);
    expect(engine.text.toLowerCase()).not.toContain("transfer-encoding");
  });

  test.each([
    ["a plain path", "GET", "/containers/json", ""],
    ["a plain path, to tcp", "POST", "/containers/shop-web/start", "tcp"],
    ["BuildKit's, to something else", "POST", "/grpc", "websocket"],
    ["a plain path, with more in it", "GET", "/_ping", "h2c\r\nX: y"],
  ])("a stream that takes over %s", async (_, method, path, upgrade) => {
    engine.forget();
    const answer = await doorsOf("no-exec").streams.call({ method, path, upgrade });
    expect(answer).toMatchObject({
      status: 0,
      code: "policy_refused",
      message: expect.stringContaining("[rule: upgrades]"),
    });
    expect(engine.requestLines).toEqual([]);
  });

  test.each(["../shop-web", "shop-web/exec?x=", "shop%2Dweb", "", "shop-web\r\nX: y"])(
    "an exec_start in %j",
    async (containerId) => {
      engine.forget();
      await expect(doorsOf("no-exec").connection.exec({ containerId }).ready()).rejects.toThrow(/policy_refused|URI/);
      expect(engine.requestLines).toEqual([]);
    },
  );
});

const json = (value: unknown): string => JSON.stringify(value);
/** A container that the file allows, but for what is added. */
const shop = (more: object): Attempt => ({
  method: "POST",
  target: "/v1.44/containers/create?name=shop-x",
  headers: { "Content-Type": "application/json" },
  body: json({ Image: "nginx", ...more }),
});
const host = (config: object): Attempt => shop({ HostConfig: config });
const raw = (body: string | Uint8Array): Attempt => ({ ...shop({}), body });

describe("a body under a policy file, with", () => {
  test.each<[what: string, attempt: Attempt]>([
    ["privileged", host({ Privileged: true })],
    ["privileged in other capitals", raw('{"Image":"nginx","hOSTcONFIG":{"pRIVILEGED":true}}')],
    ["privileged outside of HostConfig", shop({ Privileged: true })],
    ["privileged with a long s in HostConfig", raw('{"Image":"nginx","Ho\u017ftConfig":{"Privileged":true}}')],
    ["a HostConfig twice", raw('{"Image":"nginx","HostConfig":{"Privileged":true},"hostconfig":{}}')],
    ["data behind it", raw('{"Image":"nginx"}{"HostConfig":{"Privileged":true}}')],
    ["a byte order mark", raw('\ufeff{"Image":"nginx","HostConfig":{"Privileged":true}}')],
    ["UTF-16", raw(Buffer.from('{"Image":"nginx","HostConfig":{"Privileged":true}}', "utf16le"))],
    ["wrong UTF-8", raw(Buffer.concat([Buffer.from('{"Image":"nginx'), Buffer.from([0xc0]), Buffer.from('"}')]))],
    ["comments", raw('{"Image":"nginx",/**/"HostConfig":{"Privileged":true}}')],
    ["more than a mebibyte", raw(`{"Image":"nginx","Env":["A=${"x".repeat(1024 * 1024)}"]}`)],
    ["the host's network", host({ NetworkMode: "host" })],
    ["the host's processes", host({ pidmode: "host" })],
    ["another container's network", host({ NetworkMode: "container:db" })],
    ["another container's network, by the beginning of its id", host({ NetworkMode: "container:2f2f" })],
    ["another container's volumes", host({ VolumesFrom: [OTHER_ID] })],
    ["another container's variables", host({ Links: ["db:x"] })],
    ["a path beside the root", host({ Binds: ["/srv/database:/x"] })],
    ["a path above the root", host({ Binds: ["/srv:/x"] })],
    ["a path out of the root", host({ Binds: ["/srv/data/../../etc:/x"] })],
    ["a path out of the root and in again", host({ Binds: ["/srv/data/../data:/x"] })],
    ["a relative path", host({ Binds: ["srv/data:/x"] })],
    ["a path with a NUL", host({ Binds: ["/srv/data/\0/x:/x"] })],
    ["a path to be written to where it may be read", host({ Binds: ["/srv/read:/x"] })],
    ["a bind in Mounts", host({ MOUNTS: [{ type: "bind", source: "/etc", target: "/x" }] })],
    [
      "a bind by a volume's driver",
      host({
        Mounts: [
          {
            Type: "volume",
            Target: "/x",
            VolumeOptions: { DriverConfig: { Name: "local", Options: { type: "none", o: "bind", device: "/etc" } } },
          },
        ],
      }),
    ],
    ["a path to be written to after all", host({ Binds: ["/srv/read:/x:ro,rw"] })],
    ["a path of Windows", host({ Binds: ["C:\\Windows:/x"] })],
    ["an overlay of Podman's", host({ Binds: ["data:/x:O,upperdir=/etc,workdir=/tmp"] })],
    ["a bind in Volumes", shop({ Volumes: { "/etc:/x": {} } })],
    ["a bind in a mount's target", host({ Mounts: [{ Type: "volume", Target: "/x,type=bind,source=/etc" }] })],
    ["a log at a path", host({ LogConfig: { Type: "json-file", Config: { path: "/etc/x" } } })],
    ["a file for the id", host({ ContainerIDFile: "/etc/x" })],
    ["the engine's own variables", shop({ Env: ["*"] })],
    ["a capability as a text", host({ CapAdd: "SYS_ADMIN" })],
    ["a device", host({ Devices: [{ PathOnHost: "/dev/sda", PathInContainer: "/dev/x" }] })],
    ["no seccomp", host({ SecurityOpt: ["seccomp=unconfined"] })],
    ["paths unmasked", host({ MaskedPaths: [] })],
    ["a field of the future", host({ HostMounts: true })],
    ["another image", shop({ Image: "evil" })],
    ["an image by its id", shop({ Image: "sha256:0123456789ab" })],
    ["an image by the beginning of its id", shop({ Image: "0123456789ab" })],
    ["an image of another tag", shop({ Image: "ghcr.io/acme/app:2.0" })],
    ["an image of a tag and a digest", shop({ Image: `ghcr.io/acme/app:1.0@sha256:${"0".repeat(64)}` })],
    ["an image of another registry in capitals", shop({ Image: "GHCR.IO.evil/acme/app:1.0" })],
    ["an image mounted", host({ Mounts: [{ Type: "image", Source: "evil", Target: "/x" }] })],
    ["another name", { ...shop({}), target: "/containers/create?name=db" }],
    ["no name", { ...shop({}), target: "/containers/create" }],
    ["two names", { ...shop({}), target: "/containers/create?name=shop-x&name=db" }],
    ["a form's content type", { ...shop({}), headers: { "Content-Type": "Multipart/form-data; boundary=x" } }],
    ["an old version", { ...host({ Privileged: true }), target: "/v1.20/containers/create?name=shop-x" }],
    [
      "a HostConfig for a start",
      { method: "POST", target: "/containers/shop-web/start", body: json({ Binds: ["/:/x"] }) },
    ],
    [
      "a checkpoint's folder",
      { method: "POST", target: "/containers/shop-web/start?checkpoint=x&checkpoint-dir=/etc" },
    ],
    [
      "a device for an update",
      { method: "POST", target: "/containers/shop-web/update", body: json({ devices: [{ PathOnHost: "/dev/sda" }] }) },
    ],
    [
      "a volume that is a bind",
      {
        method: "POST",
        target: "/volumes/create",
        body: json({ Name: "v", driveropts: { type: "none", o: "bind", device: "/" } }),
      },
    ],
    [
      "a volume that is an overlay",
      {
        method: "POST",
        target: "/volumes/create",
        body: json({ DriverOpts: { type: "overlay", device: "overlay", o: "lowerdir=/" } }),
      },
    ],
    [
      "a network on the host's",
      {
        method: "POST",
        target: "/networks/create",
        body: json({ Name: "n", Driver: "macvlan", Options: { parent: "eth0" } }),
      },
    ],
    [
      "another container for a network",
      { method: "POST", target: "/networks/n/connect", body: json({ CONTAINER: "db" }) },
    ],
    [
      "a user for an exec",
      { method: "POST", target: "/containers/shop-web/exec", body: json({ Cmd: ["id"], user: "root" }) },
    ],
    ["no user for an exec", { method: "POST", target: "/containers/shop-web/exec", body: json({ Cmd: ["id"] }) }],
    [
      "a user's group for an exec",
      { method: "POST", target: "/containers/shop-web/exec", body: json({ User: "nobody:0" }) },
    ],
    ["an exec in another container", { method: "POST", target: "/containers/db/exec", body: json({ User: "nobody" }) }],
    [
      "an exec in another container, by its id",
      { method: "POST", target: `/containers/${OTHER_ID}/exec`, body: json({ User: "nobody" }) },
    ],
    [
      "a privileged exec",
      { method: "POST", target: "/containers/shop-web/exec", body: json({ User: "nobody", PRIVILEGED: true }) },
    ],
    [
      "a bind of a swarm's service",
      {
        method: "POST",
        target: "/services/create",
        body: json({
          TaskTemplate: { ContainerSpec: { Image: "nginx", Mounts: [{ Type: "bind", Source: "/", Target: "/x" }] } },
        }),
      },
    ],
  ])("%s", async (_, attempt) => {
    await expectRefused("file", attempt);
  });

  test.each<[what: string, attempt: Attempt]>([
    ["an exec of another container", { method: "POST", target: "/exec/ofdb/start", body: "{}" }],
    ["an exec as root", { method: "POST", target: "/exec/asroot/start", body: "{}" }],
    ["a privileged exec", { method: "POST", target: "/exec/privileged/start", body: "{}" }],
    ["the logs of another container", { method: "GET", target: "/containers/db/logs?stdout=1" }],
    ["a rename to another name", { method: "POST", target: "/containers/shop-web/rename?name=db" }],
    ["a rename of another container", { method: "POST", target: "/containers/db/rename?name=shop-y" }],
    ["a commit of another container", { method: "POST", target: "/commit?container=db&repo=x" }],
    ["the logs of a swarm's service", { method: "GET", target: "/services/s/logs?stdout=1" }],
    ["a removal of whatever is stopped", { method: "POST", target: "/containers/prune" }],
    ["a pull of another image", { method: "POST", target: "/images/create?fromImage=evil&tag=latest" }],
    ["a pull of two images", { method: "POST", target: "/images/create?fromImage=nginx&fromImage=evil&tag=latest" }],
    ["an import", { method: "POST", target: "/images/create?fromSrc=-&repo=nginx", body: "x" }],
    ["another name for an image", { method: "POST", target: "/images/evil/tag?repo=nginx" }],
    ["images from a file", { method: "POST", target: "/images/load", body: "x" }],
    ["a build", { method: "POST", target: "/build", body: "x" }],
    ["an engine plugin", { method: "POST", target: "/plugins/pull?remote=evil", body: "[]" }],
    ["another swarm", { method: "POST", target: "/swarm/join", body: "{}" }],
    ["a swarm", { method: "POST", target: "/swarm/init", body: "{}" }],
    ["the tokens of the swarm", { method: "GET", target: "/swarm" }],
    ["a node's role", { method: "POST", target: "/nodes/n/update?version=1", body: '{"Role":"manager"}' }],
    ["the engine's memory", { method: "GET", target: "/debug/pprof/heap" }],
  ])("not: %s", async (_, attempt) => {
    await expectRefused("file", attempt);
  });

  test("an exec_start as root, and one in another container", async () => {
    const { connection } = doorsOf("file");
    engine.forget();
    await expect(connection.exec({ containerId: "shop-web", user: "root" }).ready()).rejects.toThrow(/exec\.users/);
    await expect(connection.exec({ containerId: "db", user: "nobody" }).ready()).rejects.toThrow(/containers\.allow/);
    expect(engine.requestLines).toEqual([]);
  });
});

describe("what the file allows goes through, checked and written anew", () => {
  const ordinary = host({ Binds: ["/srv/data/a:/a", "/srv/read:/b:ro", "data:/c"] });

  test("over every door", async () => {
    const { standard, connection, streams } = doorsOf("file");
    const body = `{ "Image": "nginx", "HostConfig": {"Memory":1,"Memory":9007199254740993} }`;
    const length = { "Content-Length": String(body.length), "Content-Type": "application/json" };
    const rendered = '{"Image":"nginx","HostConfig":{"Memory":9007199254740993}}';
    const { method, target } = ordinary;
    const head = `${method} ${target} HTTP/1.1\r\n${AUTH}`;
    const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n${body.slice(0, 5)}\r\n${(body.length - 5).toString(16)}\r\n${body.slice(5)}\r\n0\r\n\r\n`;
    const calls: (() => Promise<unknown>)[] = [
      () => sayRaw(standard, `${head}Content-Length: ${body.length}\r\n\r\n${body}`, /\{\}$/),
      () => sayRaw(standard, chunked, /\{\}$/),
      () =>
        connection.request(method, target, {
          body: Buffer.from(body),
          headers: { "Content-Type": "application/json" },
        }),
      () => streams.call({ method, path: target, headers: Object.entries(length) }, [body]),
      () => streams.call({ method, path: target, headers: [["Transfer-Encoding", "chunked"]] }, body.split("")),
    ];
    for (const [index, call] of calls.entries()) {
      engine.forget();
      await call();
      expect(engine.requestLines, `door ${index}`).toEqual([`POST ${target} HTTP/1.1`]);
      expect(engine.text, `door ${index}`).toMatch(new RegExp(`content-length: ${rendered.length}\\r\\n`, "i"));
      expect(engine.text, `door ${index}`).toContain(`\r\n\r\n${rendered}`);
      expect(engine.text.toLowerCase(), `door ${index}`).not.toContain("chunked");
    }
  });

  test("of almost a mebibyte, which is more than a stream's first window", async () => {
    const { standard, streams } = doorsOf("file");
    const { method, target } = ordinary;
    const body = JSON.stringify({ Image: "nginx", Env: [`A=${"x".repeat(900_000)}`] });
    engine.forget();
    const headers: [string, string][] = [["Content-Length", String(body.length)]];
    expect(await streams.call({ method, path: target, headers }, [body])).toMatchObject({ status: 200 });
    await waitFor(() => engine.text.includes(body), { what: "the body at the engine" });
    engine.forget();
    const head = `${method} ${target} HTTP/1.1\r\n${AUTH}Content-Length: ${body.length}\r\n\r\n`;
    await sayRaw(standard, head + body, /\{\}$/);
    await waitFor(() => engine.text.includes(body), { what: "the body at the engine" });
  });

  test("with Expect: 100-continue, which is answered here", async () => {
    engine.forget();
    const body = String(ordinary.body);
    const head = `POST ${ordinary.target} HTTP/1.1\r\n${AUTH}Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`;
    const answer = await sayRaw(doorsOf("file").standard, head + body, /\{\}$/);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(engine.text).not.toContain("Expect");
  });

  test("one request after the other on one connection", async () => {
    engine.forget();
    const body = String(ordinary.body);
    const create = `POST ${ordinary.target} HTTP/1.1\r\n${AUTH}Content-Length: ${body.length}\r\n\r\n${body}`;
    const start = `POST /containers/shop-web/start HTTP/1.1\r\n${AUTH}Content-Length: 0\r\n\r\n`;
    await sayRaw(doorsOf("file").standard, create + start + create, /(\{\}[^{]*){3}$/s);
    expect(engine.requestLines).toEqual([
      `POST ${ordinary.target} HTTP/1.1`,
      `POST /containers/${ID}/start HTTP/1.1`,
      `POST ${ordinary.target} HTTP/1.1`,
    ]);
  });

  test("for the container that was looked at, by its full id", async () => {
    const { standard, connection, streams } = doorsOf("file");
    const target = "/v1.44/containers/shop%2Dweb/logs?stdout=1&since=1%3A2";
    const expected = `GET /v1.44/containers/${ID}/logs?stdout=1&since=1%3A2 HTTP/1.1`;
    engine.forget();
    await sayRaw(standard, `GET ${target} HTTP/1.1\r\n${AUTH}\r\n`, /\{\}$/);
    await connection.request("GET", target);
    await connection.streamRequest("GET", target).ended();
    await streams.call({ path: target });
    expect(engine.requestLines).toEqual([expected, expected, expected, expected]);
  });

  test("an exec_start as the user that is allowed, in that container", async () => {
    engine.forget();
    const exec = doorsOf("file").connection.exec({ containerId: "shop-web", user: "nobody" });
    // The engine of the test gives no id.
    await expect(exec.ready()).rejects.toThrow(/EXEC_CREATE_ERROR/);
    expect(engine.requestLines).toEqual([`POST /v1.44/containers/${ID}/exec HTTP/1.1`]);
  });

  test("bodies that no rule is about are not held: the engine has what came, while more is to come", async () => {
    const { standard } = doorsOf("file");
    engine.forget();
    const head = `PUT /containers/shop-web/archive?path=/ HTTP/1.1\r\n${AUTH}Content-Length: 5000000\r\n\r\n`;
    await sayRaw(standard, head + "the beginning", /\{\}$/);
    expect(engine.text).toContain("\r\n\r\nthe beginning");
  });
});
