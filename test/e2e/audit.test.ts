import { hash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { AuditEntry, AuditVerification, CreatedApiToken } from "@fairlead/protocol/rest";
import { newSecret, waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectKind, kinds } from "./environment-kinds.ts";
import { type ConnectedSocket, Stage } from "./stage.ts";
import { Terminal } from "./terminal.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ hub: { env: { FAIRLEAD_RECORD_EXEC: "output", LOG_LEVEL: "trace" } } });
});
afterAll(() => stage[Symbol.asyncDispose]());

async function entries(query: string): Promise<AuditEntry[]> {
  const { items } = await stage.api<{ items: AuditEntry[] }>("GET", `/audit?order=asc&limit=1000&${query}`);
  return items;
}

/** Waits for entries that match: an entry is written when its call is over. */
function entry(query: string, matches: (entry: AuditEntry) => boolean = () => true): Promise<AuditEntry> {
  return waitFor(async () => (await entries(query)).find(matches), { what: `an audit entry with ${query}` });
}

async function verify(...args: string[]): Promise<{ code: number; result: AuditVerification }> {
  const { code, stdout } = await stage.fairlead(["audit", "verify", "--json", ...args]);
  return { code, result: JSON.parse(stdout.toString()) as AuditVerification };
}

describe("the REST door", () => {
  test("tells who changed what, from where, and what was refused", async () => {
    const { token, secret } = await stage.api<CreatedApiToken>("POST", "/tokens", {
      name: "look",
      grants: [{ role: "viewer", scope: { type: "all" } }],
    });
    await stage.addEnvironment({ name: "gone" });
    const remove = (bearer: string, name: string): Promise<Response> =>
      fetch(`${stage.hub.url}/api/v1/environments/${name}?access_token=${secret}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${bearer}` },
      });
    expect((await remove(secret, "gone")).status).toBe(403);
    expect((await remove("wrong", "gone")).status).toBe(401);
    expect((await remove(stage.hub.token, "gone")).status).toBe(204);
    await stage.api("DELETE", `/tokens/${token.id}`);

    const [first] = await entries("action=token.create");
    expect(first).toMatchObject({ number: 1, door: "hub", actor: { kind: "system" }, target: "bootstrap" });
    const [made] = await entries("action=token.create&text=look");
    expect(made).toMatchObject({
      door: "rest",
      actor: { kind: "token", name: "bootstrap" },
      address: "127.0.0.1",
      target: "look",
      outcome: "done",
      status: 201,
      method: "POST",
      path: "/api/v1/tokens",
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const removals = await entries("action=environment.remove");
    expect(
      removals.map(({ actor, outcome, status, code, environment }) => [
        actor.name ?? actor.kind,
        outcome,
        status,
        code,
        environment?.name,
      ]),
    ).toEqual([
      ["look", "refused", 403, "forbidden", "gone"],
      ["nobody", "refused", 401, "unauthenticated", "gone"],
      ["bootstrap", "done", 204, null, "gone"],
    ]);
    expect(removals[0]?.path).toBe("/api/v1/environments/gone");
    expect(await entries(`action=token.revoke`)).toMatchObject([{ target: String(token.id), status: 204 }]);
    expect((await entries("environment=gone")).length).toBe(3);
    const list = await stage.fairlead(["audit", "list", "--action", "environment.remove", "--env", "gone", "-n", "2"]);
    expect(list.stdout.toString()).toMatch(
      /^ *NUMBER +TIME +WHO.*\n.* nobody +127\.0\.0\.1 +environment\.remove +gone +- +refused unauthenticated\n.* bootstrap .* done\n$/,
    );
  });
});

describe.each(kinds)("the Docker door of a %s environment", (kind) => {
  let host: ConnectedSocket;
  let box: string;
  beforeAll(async () => {
    host = await connectKind(stage, kind);
    box = await host.dockerOk(["run", "-d", "--init", "--name", `box-${kind}`, "busybox", "sleep", "1000"]);
  });
  afterAll(() => host.dockerOk(["rm", "-f", box]));

  test("tells of changes and of nothing that only reads", async () => {
    await host.dockerOk(["ps"]);
    await host.dockerOk(["inspect", box]);
    await host.dockerOk(["stop", "-t", "0", box]);
    await host.dockerOk(["start", box]);
    expect((await host.docker(["rm", "nobody"])).code).toBe(1);
    const refused = await entry(`environment=${kind}&action=container.remove&text=nobody`);
    expect(refused).toMatchObject({ door: "docker", outcome: "refused", status: 404, target: "nobody" });
    const told = (await entries(`environment=${kind}`)).filter(({ door }) => door === "docker");
    expect(told.map(({ action, target }) => [action, target]).slice(0, 5)).toEqual([
      ["container.create", `box-${kind}`],
      ["container.start", box],
      ["container.stop", box],
      ["container.start", box],
      ["container.remove", "nobody"],
    ]);
    expect(told[2]?.path).toMatch(/^\/v1\.\d+\/containers\/[0-9a-f]+\/stop\?t=0$/);
  });

  test("a terminal of docker exec is told at its start and end, and recorded as it was seen", async () => {
    await using terminal = await Terminal.open(`docker exec -it ${box} sh`, host.env);
    await terminal.shows("#");
    const started = await entry(`environment=${kind}&outcome=started`);
    expect(started).toMatchObject({ action: "container.exec", target: box, details: { recording: started.requestId } });
    terminal.type("echo $((6*7)) héllo\r");
    await terminal.shows("\n42 héllo");
    terminal.type("exit 3\r");
    expect(await terminal.exited).toBe(3);
    const ended = await entry(`environment=${kind}&text=${started.requestId}&outcome=done`);
    expect(ended.details).toMatchObject({ recording: started.requestId, bytesIn: expect.any(Number) });

    const { stdout } = await stage.fairlead(["audit", "replay", String(ended.number), "--json"]);
    expect(hash("sha256", stdout)).toBe(ended.details["recordingSha256"]);
    const [header, ...events] = stdout
      .toString()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown) as [object, ...[number, string, string][]];
    expect(header).toMatchObject({ version: 2, width: 80, height: 24 });
    expect(events).toContainEqual([expect.any(Number), "r", "80x24"]);
    const output = events.filter(([, type]) => type === "o").map(([, , data]) => data);
    expect(output.join("")).toBe(terminal.output.replaceAll("\r\r\n", "\r\n"));
    const replayed = await stage.fairlead(["audit", "replay", String(ended.number), "--speed", "1000"]);
    expect(replayed.stdout.toString()).toBe(output.join(""));
  });

  test("an exec without a terminal is told, and not recorded", async () => {
    expect(await host.dockerOk(["exec", box, "echo", "hi"])).toBe("hi");
    const told = await entry(`environment=${kind}&outcome=done&action=container.exec`, ({ details, path }) => {
      return path?.endsWith("/start") === true && details["recording"] === undefined;
    });
    expect(told.target).toBe(box);
  });

  test("a terminal of the hub's own is told and recorded, too", async () => {
    await using terminal = await Terminal.open(`${process.cwd()}/bin/fairlead exec ${kind} ${box} -- sh`, {
      ...stage.cliEnv,
    });
    await terminal.shows("#");
    terminal.type("echo $((6*7))\r");
    await terminal.shows("\n42");
    terminal.type("exit 4\r");
    expect(await terminal.exited).toBe(4);
    const told = await entry(`environment=${kind}&outcome=done&actor=bootstrap`, ({ door }) => door === "terminal");
    expect(told).toMatchObject({
      action: "container.exec",
      target: box,
      status: 101,
      details: { program: "sh", exitCode: 4 },
    });
    const { stdout } = await stage.fairlead(["audit", "replay", String(told.number), "--speed", "1000"]);
    expect(stdout.toString()).toContain("\n42\r\n");
  });
});

test("no secret that comes to a door is in the log", async () => {
  await stage.addEnvironment({ name: "vault", kind: "socket", address: `unix://${stage.engine.socketPath}` });
  await stage.online("vault");
  const host = await stage.connect("vault");
  const secrets: string[] = [stage.hub.token];
  const secret = (): string => {
    // Not in any log either: the set-up of all tests looks for them.
    const made = newSecret();
    secrets.push(made);
    return made;
  };
  await host.docker(["run", "--rm", "-e", `PASSWORD=${secret()}`, "busybox", "true", secret()]);
  await host.docker(["login", "-u", secret(), "-p", secret(), "127.0.0.1:1"]);
  await host.docker(["exec", "nobody", "mysql", `-p${secret()}`]);
  const docker = `${stage.hub.url}/api/v1/environments/vault/docker`;
  const call = (path: string, headers: Record<string, string> = {}, body?: string): Promise<Response> =>
    fetch(docker + path, {
      method: "POST",
      headers: { authorization: `Bearer ${stage.hub.token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  await call(`/images/create?fromImage=127.0.0.1:1/x&tag=1`, { "x-registry-auth": secret() });
  await call(`/build?t=app&buildargs=${secret()}&remote=https://u:${secret()}@127.0.0.1:1/x`, {
    "x-registry-config": secret(),
    "content-type": "application/x-tar",
  });
  await call(`/images/create?fromImage=https://u:${secret()}@127.0.0.1:1/x`);
  await call(`/secrets/create`, {}, JSON.stringify({ Name: "x", Data: Buffer.from(secret()).toString("base64") }));
  await call(`/nothing?access_token=${secret()}&unknown=${secret()}`);
  await fetch(`${docker}/containers/x/start`, { method: "POST", headers: { authorization: `Bearer ${secret()}` } });
  await fetch(
    `${stage.hub.url}/api/v1/environments/vault/exec?container=x&cmd=${secret()}%20${secret()}&access_token=${secret()}`,
    {
      headers: { cookie: `session=${secret()}` },
    },
  );
  await stage.api<unknown>("POST", "/environments", {
    name: "dialled",
    kind: "standard",
    address: "http://127.0.0.1:1",
    token: secret(),
  });
  const made = await stage.api<CreatedApiToken>("POST", "/tokens", { name: "made" });
  const { agentToken } = await stage.addEnvironment({ name: "edgy" });
  secrets.push(made.secret, agentToken ?? "");

  await entry("action=token.create&text=made");
  const { stdout } = await stage.fairlead(["audit", "export"]);
  const exported = stdout.toString();
  expect(exported.split("\n").length).toBeGreaterThan(15);
  const database = new DatabaseSync(join(stage.hub.dataDir, "hub.db"), { readOnly: true });
  const stored = JSON.stringify(database.prepare("SELECT * FROM audit_entries").all());
  database.close();
  const found = secrets.filter((text) => exported.includes(text) || stored.includes(text));
  expect(found).toEqual([]);
});

test("a row that was tampered with is found and named, online and offline; so is a cut end", async () => {
  await stage.api("POST", "/tokens", { name: "victim" });
  expect((await verify()).code).toBe(0);
  const kept = (await stage.fairlead(["audit", "head"])).stdout.toString().trim();
  expect(kept).toMatch(/^\d+:[0-9a-f]{64}$/);
  const [victim] = await entries("action=token.create&text=victim");
  await stage.hub.kill();
  const tamper = (sql: string): void => {
    const database = new DatabaseSync(join(stage.hub.dataDir, "hub.db"));
    database.exec("DROP TRIGGER IF EXISTS audit_entries_never_change; DROP TRIGGER IF EXISTS audit_entries_stay");
    database.exec(sql);
    database.close();
  };
  tamper(`UPDATE audit_entries SET actor_name = 'somebody' WHERE number = ${victim!.number}`);
  const offline = await verify("--data", stage.hub.dataDir);
  expect(offline.code).toBe(1);
  expect(offline.result.problems).toMatchObject([{ kind: "changed", number: victim!.number, at: victim!.at }]);
  await stage.hub.restart();
  const { code, stdout } = await stage.fairlead(["audit", "verify"]);
  expect(code).toBe(1);
  expect(stdout.toString()).toContain(`Entry ${victim!.number} (${victim!.at}, token.create by somebody) was changed`);
  tamper(`UPDATE audit_entries SET actor_name = 'bootstrap' WHERE number = ${victim!.number}`);
  expect((await verify("--from-head", kept)).code).toBe(0);
  await stage.hub.kill();
  tamper(`DELETE FROM audit_entries WHERE number >= ${kept.split(":")[0]}`);
  await stage.hub.restart();
  expect((await verify()).code).toBe(0);
  expect(await verify("--from-head", kept)).toMatchObject({ code: 1, result: { problems: [{ kind: "head" }] } });
});
