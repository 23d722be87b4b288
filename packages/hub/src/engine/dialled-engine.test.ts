import { createServer, type Server } from "node:tls";
import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { FairleadError, MAX_BODY_BYTES } from "@fairlead/protocol";
import {
  type Dockerd,
  type FakeEngine,
  makeTestCertificates,
  patternSha256,
  startDockerd,
  startFakeEngine,
  startFaultyNetwork,
  type TestCertificates,
  waitFor,
} from "@fairlead/testkit";
import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { EnvironmentRecord } from "../environments/record.ts";
import { DialledEngine } from "./dialled-engine.ts";
import { ANY_ADDRESS } from "./any-address-fixture.ts";

const record = (given: Partial<EnvironmentRecord>): EnvironmentRecord => ({
  id: 1,
  name: "test",
  kind: "socket",
  labels: {},
  address: null,
  tls: null,
  createdAt: 0,
  ...given,
});
const text = (body: Uint8Array): string => Buffer.from(body).toString();
const get = (path: string) => ({ method: "GET", path });

describe("a dialled engine", () => {
  let fake: FakeEngine;
  let engine: DialledEngine;

  beforeAll(async () => {
    fake = await startFakeEngine();
  });
  beforeAll(() => {
    engine = new DialledEngine(record({ address: `unix://${fake.socketPath}` }), ANY_ADDRESS);
  });
  afterEach(() => fake.clearFaults());
  afterAll(async () => {
    engine.close();
    await fake.stop();
  });

  test("answers a call whole", async () => {
    const answer = await engine.request({
      method: "POST",
      path: "/v1.44/fairlead-test/sink",
      body: Buffer.from("12345"),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(text(answer.body))).toMatchObject({ bytes: 5 });
    expect((await engine.request(get("/v1.44/nosuch"))).status).toBe(404);
  });

  test.each([
    ["1.41", "1.12", "1.41"],
    ["1.45", "1.24", "1.44"],
    ["1.60", "1.50", "1.50"],
    ["newest", "", undefined],
  ])("puts the negotiated version before its own paths: engine %s (from %s)", async (newest, oldest, used) => {
    fake.version = { ...fake.version, ApiVersion: newest, MinAPIVersion: oldest };
    const own = new DialledEngine(record({ address: `unix://${fake.socketPath}` }), ANY_ADDRESS);
    await own.request(get("/info"));
    expect(fake.requests.at(-1)!.url).toBe(used === undefined ? "/info" : `/v${used}/info`);
    for (const path of ["/v1.30/info", "/_ping", "/version"]) {
      await own.request(get(path));
      expect(fake.requests.at(-1)!.url).toBe(path);
    }
    own.close();
  });

  test("negotiates again after the engine was replaced", async () => {
    fake.version = { ...fake.version, ApiVersion: "1.44", MinAPIVersion: "1.24" };
    await engine.request(get("/info"));
    fake.version["ApiVersion"] = "1.41";
    fake.fault("GET /info", { kind: "status", status: 400, message: "client version 1.44 is too new" }, 1);
    expect((await engine.request(get("/info"))).status).toBe(400);
    await engine.request(get("/info"));
    expect(fake.requests.at(-1)!.url).toBe("/v1.41/info");
  });

  test("streams an answer, and leaving the loop ends it at the engine", async () => {
    const stream = await engine.openStream(get("/v1.44/fairlead-test/bytes?n=5000000"));
    const hash = createHash("sha256");
    for await (const chunk of stream.body) hash.update(chunk);
    expect(hash.digest("hex")).toBe(patternSha256(5_000_000));

    const endless = await engine.openStream(get("/v1.44/events"));
    endless.cancel();
    await waitFor(() => fake.eventListeners === 0, { what: "the engine to see it" });
    const left = await engine.openStream(get("/v1.44/fairlead-test/bytes?n=500000000"));
    for await (const chunk of left.body) if (chunk.length > 0) break;
    await waitFor(() => fake.requests.at(-1)!.aborted, { what: "the engine to see that the reader left" });
  });

  test("says what went wrong by code", async () => {
    fake.fault("GET /stall", { kind: "stall" });
    await expect(engine.request(get("/v1.44/stall"), { timeoutMs: 50 })).rejects.toMatchObject({
      code: "engine_timeout",
    });
    await expect(engine.openStream(get("/v1.44/stall"), { timeoutMs: 50 })).rejects.toMatchObject({
      code: "engine_timeout",
    });
    const leave = new AbortController();
    const left = engine.request(get("/v1.44/stall"), { signal: leave.signal });
    leave.abort();
    await expect(left).rejects.toMatchObject({ code: "cancelled" });
    await expect(engine.request(get("/v1.44/stall"), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "cancelled",
    });

    fake.fault("GET /cut", { kind: "cut" });
    await expect(engine.request(get("/v1.44/cut"))).rejects.toMatchObject({ code: "engine_error" });
    fake.fault("GET /garbage", { kind: "garbage" });
    await expect(engine.request(get("/v1.44/garbage"))).rejects.toMatchObject({ code: "engine_error" });
    fake.fault("GET /part", { kind: "cutBody", afterBytes: 100 });
    await expect(engine.request(get("/v1.44/part"))).rejects.toMatchObject({ code: "engine_error" });
    const part = await engine.openStream(get("/v1.44/part"));
    const read = async (): Promise<void> => {
      for await (const chunk of part.body) expect(chunk.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toMatchObject({ code: "engine_error" });
    const large = get(`/v1.44/fairlead-test/bytes?n=${MAX_BODY_BYTES + 1}`);
    await expect(engine.request(large)).rejects.toMatchObject({ code: "response_too_large" });

    const away = new DialledEngine(record({ address: "unix:///nosuch/docker.sock" }), ANY_ADDRESS);
    await expect(away.request(get("/_ping"))).rejects.toMatchObject({ code: "engine_unreachable" });
    await expect(away.dialer.dial()).rejects.toMatchObject({ code: "engine_unreachable" });
    const agent = new DialledEngine(record({ kind: "standard", address: "http://127.0.0.1:1" }), ANY_ADDRESS);
    await expect(agent.request(get("/_ping"))).rejects.toMatchObject({ code: "agent_disconnected" });
  });

  test("shows a standard agent its token", async () => {
    await using network = await startFaultyNetwork({ path: fake.socketPath });
    const agent = new DialledEngine(
      record({ kind: "standard", address: `http://${network.address}`, token: "secret" }),
      ANY_ADDRESS,
    );
    await agent.request(get("/_ping"));
    expect(fake.requests.at(-1)!.headers).toMatchObject({ "x-hawser-token": "secret", host: network.address });
    agent.close();
  });

  test("closing it ends what goes on through it", async () => {
    const own = new DialledEngine(record({ address: `unix://${fake.socketPath}` }), ANY_ADDRESS);
    const stream = await own.openStream(get("/v1.44/events"));
    const socket = await own.dialer.dial();
    own.close();
    await expect(async () => {
      for await (const chunk of stream.body) expect(chunk).toBeDefined();
    }).rejects.toThrow(FairleadError);
    expect(socket.destroyed).toBe(true);
  });
});

describe("a direct environment with TLS", () => {
  let fake: FakeEngine;
  let ours: TestCertificates;
  let theirs: TestCertificates;
  const servers: Server[] = [];

  beforeAll(async () => {
    fake = await startFakeEngine();
    ours = await makeTestCertificates();
    theirs = await makeTestCertificates(["DNS:elsewhere.example"]);
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await ours?.stop();
    await theirs?.stop();
    await fake?.stop();
  });

  /** TLS in front of the fake engine. */
  async function front(certificates: TestCertificates, options: object = {}): Promise<string> {
    const server = createServer(
      { cert: certificates.cert, key: certificates.key, allowHalfOpen: true, ...options },
      (socket) => {
        const target = connect({ path: fake.socketPath, allowHalfOpen: true });
        socket.on("error", () => target.destroy());
        target.on("error", () => socket.destroy());
        socket.pipe(target).pipe(socket);
      },
    );
    server.on("tlsClientError", () => {});
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function ping(address: string, tls: EnvironmentRecord["tls"]): Promise<number> {
    const engine = new DialledEngine(record({ kind: "direct", address, tls }), ANY_ADDRESS);
    return await engine.request(get("/_ping")).then(
      ({ status }) => (engine.close(), status),
      (error: unknown) => (engine.close(), Promise.reject(error as Error)),
    );
  }

  test("trusts whom it is told to", async () => {
    const address = await front(ours);
    expect(await ping(address, { caCert: ours.ca })).toBe(200);
    expect(await ping(address, { skipVerify: true })).toBe(200);
    await expect(ping(address, { caCert: theirs.ca })).rejects.toMatchObject({ code: "engine_unreachable" });
    await expect(ping(address, null)).rejects.toMatchObject({ code: "engine_unreachable" });
  });

  test("checks the server's name, the address's or the one that is given", async () => {
    const address = await front(theirs);
    await expect(ping(address, { caCert: theirs.ca })).rejects.toMatchObject({ code: "engine_unreachable" });
    expect(await ping(address, { caCert: theirs.ca, serverName: "elsewhere.example" })).toBe(200);
  });

  test("shows its client certificate", async () => {
    const address = await front(ours, { requestCert: true, ca: ours.ca });
    expect(await ping(address, { caCert: ours.ca, clientCert: ours.cert, clientKey: ours.key })).toBe(200);
    await expect(ping(address, { caCert: ours.ca })).rejects.toBeInstanceOf(FairleadError);
  });

  test("does not speak TLS below 1.2", async () => {
    const address = await front(ours, { maxVersion: "TLSv1.1", minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" });
    const refused = { code: "engine_unreachable", message: expect.stringMatching(/TLS|protocol/) as unknown };
    await expect(ping(address, { caCert: ours.ca })).rejects.toMatchObject(refused);
  });
});

describe("a terminal on a real engine", () => {
  let dockerd: Dockerd;
  let engine: DialledEngine;

  beforeAll(async () => {
    dockerd = await startDockerd();
    await dockerd.importBusybox();
    await dockerd.dockerOk(["run", "-d", "--init", "--name", "box", "busybox", "sleep", "10000"]);
    engine = new DialledEngine(record({ address: `unix://${dockerd.socketPath}` }), ANY_ADDRESS);
  });
  afterAll(async () => {
    engine?.close();
    await dockerd?.stop();
  });

  const start = (cmd: string) => ({ container: "box", cmd, user: "", cols: 101, rows: 33 });

  test("has its size, takes input and resize in order, and tells the exit code", async () => {
    const terminal = await engine.openTerminal(start("/bin/sh"));
    let seen = "";
    const reading = (async () => {
      for await (const chunk of terminal.output) seen += text(chunk);
    })();
    for (const character of "stty size\r") void terminal.write(Buffer.from(character));
    await waitFor(() => seen.includes("33 101"), { what: () => `the size in ${seen}` });
    terminal.resize(90, 20);
    terminal.resize(91, 21);
    await waitFor(
      async () => {
        await terminal.write(Buffer.from("stty size\r"));
        return seen.includes("21 91");
      },
      { what: () => `the new size in ${seen}`, intervalMs: 100 },
    );
    await terminal.write(Buffer.from("exit 42\r"));
    await reading;
    expect(await terminal.ended).toEqual({ reason: "container_exit", exitCode: 42 });
  });

  test("splits a command as a shell would, and runs as the user", async () => {
    const terminal = await engine.openTerminal({ ...start(`sh -c 'id -un; echo "a  b"'`), user: "user" });
    let seen = "";
    for await (const chunk of terminal.output) seen += text(chunk);
    expect(seen).toBe("user\r\na  b\r\n");
  });

  test("ends the program when it is closed, also one that ignores the hang-up", async () => {
    const terminal = await engine.openTerminal(
      start(`sh -c 'trap "" HUP INT TERM; echo up; while :; do :; done; echo 4321'`),
    );
    for await (const chunk of terminal.output) if (text(chunk).includes("up")) break;
    expect(await terminal.ended).toEqual({ reason: "user_closed" });
    await waitFor(async () => !(await dockerd.dockerOk(["top", "box"])).includes("4321"), {
      what: "the end of the program",
    });
  });

  test("a command or container that does not exist", async () => {
    const missing = await engine.openTerminal(start("/bin/nosuch"));
    let seen = "";
    for await (const chunk of missing.output) seen += text(chunk);
    expect(seen).toContain("/bin/nosuch");
    expect([126, 127]).toContain((await missing.ended).exitCode);
    await expect(engine.openTerminal({ ...start("sh"), container: "nosuch" })).rejects.toMatchObject({
      code: "not_found",
    });
    await dockerd.dockerOk(["create", "--name", "idle", "busybox"]);
    await expect(engine.openTerminal({ ...start("sh"), container: "idle" })).rejects.toMatchObject({
      code: "exec_create_failed",
    });
  });

  test("an engine that breaks off is an error, not an exit", async () => {
    await using network = await startFaultyNetwork({ path: dockerd.socketPath });
    const far = new DialledEngine(record({ kind: "direct", address: `tcp://${network.address}` }), ANY_ADDRESS);
    const terminal = await far.openTerminal(start("cat"));
    network.refuse();
    network.cut();
    await expect(async () => {
      for await (const chunk of terminal.output) expect(chunk).toBeDefined();
    }).rejects.toThrow(FairleadError);
    expect(await terminal.ended).toEqual({ reason: "error" });
    far.close();
  });
});
