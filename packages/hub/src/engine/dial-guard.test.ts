import type { LookupAddress } from "node:dns";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { Environment } from "@fairlead/protocol/rest";
import { type FakeEngine, startFakeEngine, startFaultyNetwork, startHub, waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DialGuard, type DialGuardOptions, type Resolve } from "./dial-guard.ts";
import { DialledEngine } from "./dialled-engine.ts";

const guardOf = (options: Partial<DialGuardOptions> = {}): DialGuard =>
  new DialGuard({ allow: [], deny: [], loopback: false, ...options });

/** A resolver with these answers, one after the other; the last one stays. */
function resolver(...answers: string[][]): Resolve & { calls: string[] } {
  const calls: string[] = [];
  const resolve: Resolve = (name, _options, callback) => {
    calls.push(name);
    const addresses = answers.length > 1 ? answers.shift() : answers[0];
    const found = (addresses ?? []).map((address): LookupAddress => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
    setImmediate(() => callback(null, found));
  };
  return Object.assign(resolve, { calls });
}

describe("by itself", () => {
  test.each([
    "10.0.0.5",
    "192.168.1.1",
    "172.17.0.1",
    "100.64.0.1",
    "8.8.8.8",
    "fd12:3456::1",
    "2001:db8::1",
    "::ffff:10.0.0.5",
    "64:ff9b::a00:5",
    "2002:a00:5::1",
  ])("%s is dialled: hosts are in private networks, too", (address) => {
    expect(guardOf().refusal(address)).toBeUndefined();
  });

  test.each([
    ["127.0.0.1", "127.0.0.0/8"],
    ["127.200.3.4", "127.0.0.0/8"],
    ["::1", "::1/128"],
    ["::ffff:127.0.0.1", "127.0.0.0/8"],
    ["::ffff:7f00:1", "127.0.0.0/8"],
    ["0:0:0:0:0:ffff:7f00:1", "127.0.0.0/8"],
    ["::127.0.0.1", "127.0.0.0/8"],
    ["64:ff9b::7f00:1", "127.0.0.0/8"],
    ["64:ff9b:1::169.254.169.254", "169.254.0.0/16"],
    ["::ffff:0:169.254.169.254", "169.254.0.0/16"],
    ["2002:7f00:1::1", "127.0.0.0/8"],
    ["0.0.0.0", "0.0.0.0/8"],
    ["0.1.2.3", "0.0.0.0/8"],
    ["::", "::/128"],
    ["169.254.169.254", "169.254.0.0/16"],
    ["::ffff:169.254.169.254", "169.254.0.0/16"],
    ["fe80::1", "fe80::/10"],
    ["fe80::1%eth0", "fe80::/10"],
    ["febf::1", "fe80::/10"],
    ["fd00:ec2::254", "fd00:ec2::/32"],
    ["fd20:ce::254", "fd20:ce::254/128"],
    ["100.100.100.200", "100.100.100.200/32"],
    ["224.0.0.1", "224.0.0.0/4"],
    ["239.255.255.250", "224.0.0.0/4"],
    ["255.255.255.255", "240.0.0.0/4"],
    ["ff02::1", "ff00::/8"],
  ])("%s is not, because of %s", (address, network) => {
    const refusal = guardOf().refusal(address);
    expect(refusal).toMatchObject({ code: "address_forbidden", status: 403 });
    expect(refusal?.message).toContain(`The hub does not dial ${address}: it is in ${network} (`);
    expect(refusal?.message).toContain("FAIRLEAD_DIAL_ALLOW");
  });

  test("loopback is, for callers of the same machine", () => {
    const guard = guardOf({ loopback: true });
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) expect(guard.refusal(address)).toBeUndefined();
    expect(guard.refusal("0.0.0.0")).toBeDefined();
    expect(guard.refusal("169.254.169.254")).toBeDefined();
  });
});

describe("as it is told", () => {
  test("what is denied is refused, in whatever form, and the setting is named", () => {
    const guard = guardOf({ deny: ["10.0.0.0/8", "fd00::/8"] });
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203"]) {
      expect(guard.refusal(address)?.message).toContain("it is in 10.0.0.0/8 of FAIRLEAD_DIAL_DENY");
    }
    expect(guard.refusal("fd00::1")?.message).toContain("fd00::/8 of FAIRLEAD_DIAL_DENY");
    expect(guard.refusal("192.168.1.1")).toBeUndefined();
  });

  test("what is allowed wins over both: everything denied but one network is a list of what is dialled", () => {
    const guard = guardOf({ deny: ["0.0.0.0/0", "::/0"], allow: ["10.0.5.0/24", "169.254.1.1/32"] });
    expect(guard.refusal("10.0.5.9")).toBeUndefined();
    expect(guard.refusal("::ffff:10.0.5.9")).toBeUndefined();
    expect(guard.refusal("169.254.1.1")).toBeUndefined();
    for (const address of ["10.0.6.9", "8.8.8.8", "169.254.1.2", "2001:db8::1"]) {
      expect(guard.refusal(address), address).toBeDefined();
    }
  });
});

describe("a dial", () => {
  let fake: FakeEngine;
  /** Counts who connects. */
  let trap: Server;
  let caught = 0;

  beforeAll(async () => {
    fake = await startFakeEngine();
    trap = createServer((socket) => {
      caught += 1;
      socket.destroy();
    }).listen(0, "127.0.0.1");
    await once(trap, "listening");
  });
  afterAll(async () => {
    trap.close();
    await fake.stop();
  });

  const trapPort = (): number => (trap.address() as AddressInfo).port;
  const ping = { method: "GET", path: "/_ping" };

  function engineAt(address: string, options: Partial<DialGuardOptions> = {}, kind: "direct" | "standard" = "direct") {
    const record = { id: 1, name: "test", kind, labels: {}, address, tls: null, createdAt: 0 };
    return new DialledEngine(record, guardOf(options));
  }

  test.each(["tcp://127.0.0.1", "tcp://[::ffff:127.0.0.1]", "https://127.0.0.1", "tcp://2130706433", "tcp://0x7f.1"])(
    "of %s is refused before anything is sent, for calls, raw connections and terminals alike",
    async (host) => {
      const engine = engineAt(`${host}:${trapPort()}`);
      const refused = { code: "address_forbidden", message: expect.stringContaining("127.0.0.0/8") as string };
      await expect(engine.request(ping)).rejects.toMatchObject(refused);
      await expect(engine.openStream(ping)).rejects.toMatchObject(refused);
      await expect(engine.dialer.dial()).rejects.toMatchObject(refused);
      await expect(engine.takeOver({ method: "POST", path: "/v1.44/x" }, {})).rejects.toMatchObject(refused);
      expect(caught).toBe(0);
      engine.close();
    },
  );

  test("of a name goes to those of its addresses that may be dialled, and names address, name and rule if there are none", async () => {
    await using network = await startFaultyNetwork({ path: fake.socketPath });
    const port = new URL(`tcp://${network.address}`).port;
    const allow = ["127.0.0.1/32"];
    const mixed = resolver(["169.254.169.254", "127.0.0.1"]);
    const engine = engineAt(`tcp://host.example:${port}`, { allow, resolve: mixed });
    expect((await engine.request(ping)).status).toBe(200);
    expect(mixed.calls).toContain("host.example");
    engine.close();
    const metadata = engineAt("http://metadata.example:80", { resolve: resolver(["169.254.169.254"]) }, "standard");
    await expect(metadata.request(ping)).rejects.toMatchObject({
      code: "address_forbidden",
      message: expect.stringContaining(
        "does not dial 169.254.169.254 (metadata.example): it is in 169.254.0.0/16",
      ) as string,
    });
    await expect(metadata.dialer.dial()).rejects.toMatchObject({ code: "address_forbidden" });
    metadata.close();
    const secure = engineAt("https://metadata.example:443", { resolve: resolver(["::1"]) });
    await expect(secure.request(ping)).rejects.toMatchObject({ code: "address_forbidden" });
    secure.close();
    const nowhere = engineAt("tcp://nowhere.example:80", { resolve: resolver([]) });
    await expect(nowhere.request(ping)).rejects.toMatchObject({ code: "engine_unreachable" });
    nowhere.close();
  });

  test("of a name that changes its mind goes to what was checked, and no dial goes unchecked", async () => {
    await using network = await startFaultyNetwork({ path: fake.socketPath });
    const port = new URL(`tcp://${network.address}`).port;
    // Good when it is first asked, the hub's own machine after that: 127.0.0.1 stands for a good host here.
    const rebinding = resolver(["127.0.0.1"], ["127.0.0.2"]);
    const engine = engineAt(`tcp://rebind.example:${port}`, { allow: ["127.0.0.1/32"], resolve: rebinding });
    const socket = await engine.dialer.dial();
    expect(socket.remoteAddress).toBe("127.0.0.1");
    expect(rebinding.calls).toEqual(["rebind.example"]);
    socket.destroy();
    await expect(engine.dialer.dial()).rejects.toMatchObject({
      code: "address_forbidden",
      message: expect.stringContaining("127.0.0.2 (rebind.example)") as string,
    });
    await expect(engine.request(ping)).rejects.toMatchObject({ code: "address_forbidden" });
    engine.close();
  });

  test("that is answered with a redirect does not follow it", async () => {
    fake.handle("GET /containers/json", ({ response }) => {
      response.writeHead(302, { location: `http://127.0.0.1:${trapPort()}/` }).end();
    });
    await using network = await startFaultyNetwork({ path: fake.socketPath });
    const engine = engineAt(`tcp://${network.address}`, { allow: ["127.0.0.1/32"] });
    expect((await engine.request({ method: "GET", path: "/v1.44/containers/json" })).status).toBe(302);
    expect(caught).toBe(0);
    engine.close();
  });
});

describe("a hub that others reach", () => {
  test("does not dial its own machine: lights and Docker's clients are told, and a setting allows it", async () => {
    await using fake = await startFakeEngine();
    await using network = await startFaultyNetwork({ path: fake.socketPath });
    const open = { args: ["--listen", "0.0.0.0:0"] };
    const look = async (env: Record<string, string>) => {
      await using hub = await startHub({ ...open, env });
      const headers = { authorization: `Bearer ${hub.token}`, "content-type": "application/json" };
      const body = JSON.stringify({ name: "own", kind: "direct", address: `tcp://${network.address}` });
      const url = `${hub.url}/api/v1/environments`;
      await fetch(url, { method: "POST", headers, body });
      const state = await waitFor(
        async () => {
          const { link } = (await (await fetch(`${url}/own`, { headers })).json()) as Environment;
          return link.state === "unknown" ? undefined : link;
        },
        { what: "the lights" },
      );
      const docker = await fetch(`${url}/own/docker/_ping`, { headers });
      return { state, status: docker.status, text: await docker.text() };
    };
    const refused = await look({});
    expect(refused.state).toMatchObject({ state: "down", error: expect.stringContaining("127.0.0.0/8") as string });
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining("FAIRLEAD_DIAL_ALLOW")]);
    expect(fake.requests).toEqual([]);
    expect(await look({ FAIRLEAD_DIAL_ALLOW: "127.0.0.1" })).toMatchObject({ state: { state: "up" }, status: 200 });
  });
});
