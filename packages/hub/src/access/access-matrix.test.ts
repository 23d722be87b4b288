import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import { DOCKER_ENDPOINTS, ENVIRONMENT_PERMISSIONS, type EnvironmentPermission } from "@fairlead/protocol";
import type { Environment, GrantInput } from "@fairlead/protocol/rest";
import { type TempDir, tempDir, waitFor } from "@fairlead/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { takesOverConnection } from "../docker-endpoint/docker-path.ts";
import { type Answer, type HubFixture, startHubFixture } from "../http/hub-fixture.ts";

// Every route and every class of Docker call, by everybody who may come. What is expected is written down here, not asked of the code
// under test: a route or permission that is not in the tables fails.

/** Those who are somebody; the letters of the tables. `others` are admins of another environment. */
const IDENTITIES = { V: "viewer", O: "operator", A: "admin", C: "custom", X: "others" } as const;
type Letter = keyof typeof IDENTITIES;

/**
 * Who is let in where, as letters of {@link IDENTITIES}; `everybody` comes in without a token. What starts with a status is what
 * everybody gets.
 */
const ROUTES: Readonly<Record<string, string>> = {
  "GET /": "VOACX",
  "GET /healthz": "everybody",
  "GET /readyz": "everybody",
  "GET /metrics": "A",
  "GET /api/docs/": "VOACX",
  "GET /api/docs/json": "VOACX",
  "GET /api/docs/yaml": "VOACX",
  "GET /api/docs/static/*": "VOACX",
  "GET /api/docs/static/index.html": "VOACX",
  "GET /api/docs/static/swagger-initializer.js": "VOACX",
  "GET /api/v1": "VOACX",
  "GET /api/v1/openapi.json": "VOACX",
  "GET /api/v1/settings": "A",
  "GET /api/v1/tokens": "A",
  "POST /api/v1/tokens": "A",
  "DELETE /api/v1/tokens/:id": "A",
  "GET /api/v1/roles": "VOACX",
  "POST /api/v1/roles": "A",
  "PATCH /api/v1/roles/:role": "A",
  "DELETE /api/v1/roles/:role": "A",
  // Lists hold what one may see; that they do is tested on its own.
  "GET /api/v1/environments": "VOACX",
  "GET /api/v1/containers": "VOACX",
  "GET /api/v1/events": "VOACX",
  "GET /api/v1/metrics": "VOACX",
  "GET /api/v1/stream": "VOACX",
  "POST /api/v1/environments": "A",
  "GET /api/v1/environments/:env": "VOAC",
  "PATCH /api/v1/environments/:env": "A",
  "DELETE /api/v1/environments/:env": "A",
  "POST /api/v1/environments/:env/token": "A",
  "DELETE /api/v1/environments/:env/token": "A",
  "DELETE /api/v1/environments/:env/conflict": "A",
  "GET /api/v1/environments/:env/join-key": "A",
  "POST /api/v1/environments/:env/join-key": "A",
  "DELETE /api/v1/environments/:env/join-key": "A",
  // The join key in its body is what lets an agent in.
  "POST /api/v1/agents/join": "401 join_key_invalid",
  "GET /api/v1/environments/:env/containers": "VOAC",
  // A container that is not there is told to those who may see containers.
  "GET /api/v1/environments/:env/containers/:container/metrics": "VOAC",
  "GET /api/v1/environments/:env/events": "VOAC",
  "GET /api/v1/environments/:env/metrics": "VOAC",
  // Pages of the hub call these with the cookie; what comes from elsewhere, whoever sends it, is refused.
  "POST /api/auth/sign-in/email": "403 forbidden",
  "POST /api/auth/sign-in/social": "403 forbidden",
  "POST /api/auth/sign-out": "403 forbidden",
  "POST /api/auth/change-password": "403 forbidden",
  "POST /api/auth/two-factor/enable": "403 forbidden",
  "POST /api/auth/two-factor/disable": "403 forbidden",
  "POST /api/auth/two-factor/verify-totp": "403 forbidden",
  "POST /api/auth/two-factor/verify-backup-code": "403 forbidden",
  "POST /api/auth/two-factor/generate-backup-codes": "403 forbidden",
  "POST /api/auth/passkey/verify-registration": "403 forbidden",
  "POST /api/auth/passkey/verify-authentication": "403 forbidden",
  "POST /api/auth/passkey/delete-passkey": "403 forbidden",
  "GET /api/auth/callback/oidc": "everybody",
  "GET /api/auth/passkey/generate-authenticate-options": "everybody",
  "GET /api/auth/passkey/generate-register-options": "401 unauthenticated",
  // A link's secret lets in, and nothing else.
  "POST /api/v1/first-admin": "403 forbidden",
  "POST /api/v1/links/show": "403 forbidden",
  "POST /api/v1/links/accept": "403 forbidden",
  "GET /api/v1/sign-in-methods": "everybody",
  "POST /api/v1/device/start": "everybody",
  "POST /api/v1/device/poll": "everybody",
  "GET /api/v1/device": "VOACX",
  // A person in a browser, no token.
  "POST /api/v1/device/decide": "",
  "GET /api/v1/me": "VOACX",
  // The hub's own tokens have no sessions.
  "DELETE /api/v1/me/sessions": "",
  "DELETE /api/v1/me/sessions/:session": "",
  "GET /api/v1/people": "A",
  "GET /api/v1/people/:person": "A",
  "PATCH /api/v1/people/:person": "A",
  "DELETE /api/v1/people/:person": "A",
  "DELETE /api/v1/people/:person/sessions": "A",
  "DELETE /api/v1/people/:person/second-factors": "A",
  "POST /api/v1/people/:person/password-link": "A",
  "GET /api/v1/people/:person/roles": "A",
  "PUT /api/v1/people/:person/roles": "A",
  "GET /api/v1/invitations": "A",
  "POST /api/v1/invitations": "A",
  "DELETE /api/v1/invitations/:invitation": "A",
  "GET /api/v1/audit": "A",
  "GET /api/v1/audit/head": "A",
  "GET /api/v1/audit/verify": "A",
  "GET /api/v1/audit/export": "A",
  "GET /api/v1/audit/:number/recording": "A",
};

/** Who may make Docker calls that need this permission. */
const DOCKER: Readonly<Partial<Record<EnvironmentPermission, string>>> = {
  "system.view": "VOA",
  "system.debug": "A",
  "container.view": "VOAC",
  "container.logs": "VOA",
  "container.create": "OA",
  "container.start": "OA",
  "container.stop": "OA",
  "container.restart": "OAC",
  "container.pause": "OA",
  "container.update": "OA",
  "container.remove": "OA",
  "container.attach": "OA",
  "container.exec": "OA",
  "container.read-files": "OA",
  "container.write-files": "OA",
  "image.view": "VOA",
  "image.pull": "OA",
  "image.push": "OA",
  "image.build": "OA",
  "image.load": "OA",
  "image.save": "OA",
  "image.tag": "OA",
  "image.commit": "OA",
  "image.remove": "OA",
  "volume.view": "VOA",
  "volume.create": "OA",
  "volume.remove": "OA",
  "network.view": "VOA",
  "network.create": "OA",
  "network.connect": "OA",
  "network.remove": "OA",
  "registry.login": "OA",
  "swarm.view": "VOA",
  "swarm.manage": "A",
  "plugin.view": "VOA",
  "plugin.manage": "A",
};

/** Permissions that no endpoint of the engine stands for. */
const ELSEWHERE = /^(environment|stack)\.|^container\.(privileged|bind)$|^engine\.other$/;

const CUSTOM: GrantInput = {
  permissions: ["environment.view", "container.view", "container.restart"],
  scope: { type: "label", name: "tier", value: "web" },
};

let folder: TempDir;
let engine: Server;
let hub: HubFixture;
let bad: Readonly<Record<"nobody" | "expired" | "revoked", string | undefined>>;
const tokens = {} as Record<Letter, string>;
/** What reached the engine. */
let reached: string[] = [];
const created = (): string[] => reached.filter((call) => call.includes("/containers/create"));

beforeAll(async () => {
  folder = await tempDir();
  const socketPath = join(folder.path, "engine.sock");
  engine = createServer((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.setHeader("connection", "close");
    response.end("{}");
  });
  engine.on("upgrade", (request, socket) => {
    reached.push(`${request.method} ${request.url}`);
    socket.end("HTTP/1.1 101 UPGRADED\r\nconnection: Upgrade\r\nupgrade: tcp\r\n\r\n");
  });
  await new Promise<void>((resolve) => engine.listen(socketPath, resolve));
  hub = await startHubFixture();
  const { environments } = hub.domains;
  await environments.create({ name: "web", kind: "socket", address: socketPath, labels: { tier: "web" } });
  const other = await environments.create({ name: "other", kind: "socket", address: socketPath });
  const grants: Record<Letter, GrantInput> = {
    V: { role: "viewer", scope: { type: "label", name: "tier", value: "web" } },
    O: { role: "operator", scope: { type: "label", name: "tier", value: "web" } },
    A: { role: "admin", scope: { type: "all" } },
    C: CUSTOM,
    X: { role: "admin", scope: { type: "environment", environmentId: other.id } },
  };
  for (const letter of Object.keys(IDENTITIES) as Letter[]) {
    tokens[letter] = await tokenWith(IDENTITIES[letter], grants[letter]);
  }
  const expired = await hub.tokens.create({ name: "expired", expiresAt: new Date(Date.now() + 50).toISOString() });
  const revoked = await hub.tokens.create({ name: "revoked" });
  await hub.call("GET", "/api/v1", { token: revoked.secret });
  await hub.tokens.revoke(revoked.token.id);
  bad = { nobody: undefined, expired: expired.secret, revoked: revoked.secret };
  await waitFor(async () => (await hub.call("GET", "/api/v1", { token: expired.secret })).status === 401, {
    what: "the token to expire",
  });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  engine.closeAllConnections();
  engine.close();
  await folder.stop();
});

async function tokenWith(name: string, ...grants: GrantInput[]): Promise<string> {
  return (await hub.tokens.create({ name, grants })).secret;
}

let calls = 0;

/** Each call comes from an address of its own: many wrong tokens from one are slowed down. */
function callFrom(token: string | undefined): { token?: string; headers: Record<string, string> } {
  calls += 1;
  const headers = { "x-forwarded-for": `198.18.${calls >> 8}.${calls & 255}` };
  return { headers, ...(token === undefined ? {} : { token }) };
}

/** Of a refused call its code, and whether it was refused for its caller's sake; of any other its status. */
function verdict({ status, body }: Answer): string {
  if (status !== 401 && status !== 403) return status < 500 ? "in" : `${status}`;
  const { code } = body.startsWith("{") ? (JSON.parse(body) as { code?: string }) : {};
  return `${status} ${code}`;
}

describe("REST", () => {
  let made = 0;

  /** The route's path, on things made for this call: many calls end what they are about. */
  async function pathOf(url: string): Promise<string> {
    made += 1;
    const name = `made-${made}`;
    let path = url.replace("/*", "/x");
    if (path.includes(":env")) {
      await hub.domains.environments.create({ name, kind: "edge", labels: { tier: "web" } });
      path = path.replace(":env", name);
    }
    if (path.includes(":id")) path = path.replace(":id", String((await hub.tokens.create({ name })).token.id));
    if (path.includes(":role")) {
      await hub.call("POST", "/api/v1/roles", { token: hub.token, json: { name, permissions: [] } });
      path = path.replace(":role", name);
    }
    return path;
  }

  const BODIES: Readonly<Record<string, () => unknown>> = {
    "POST /api/v1/tokens": () => ({ name: `token-${made}` }),
    "POST /api/v1/roles": () => ({ name: `role-${made}`, permissions: [] }),
    "PATCH /api/v1/roles/:role": () => ({ permissions: ["environment.view"] }),
    "POST /api/v1/environments": () => ({ name: `environment-${made}` }),
    "PATCH /api/v1/environments/:env": () => ({ labels: {} }),
    "POST /api/v1/environments/:env/token": () => ({}),
    "POST /api/v1/environments/:env/join-key": () => ({}),
    "POST /api/v1/agents/join": () => ({
      joinKey: `flj_${"x".repeat(43)}`,
      agentId: "a",
      agentName: "a",
      hostname: "a",
    }),
    "POST /api/v1/first-admin": () => ({ token: "x", name: "x", email: "x@example.com", password: "x" }),
    "POST /api/v1/links/show": () => ({ token: "x" }),
    "POST /api/v1/links/accept": () => ({ token: "x", password: "x" }),
    "POST /api/v1/device/start": () => ({ hostname: "x" }),
    "POST /api/v1/device/poll": () => ({ deviceCode: "x" }),
    "POST /api/v1/device/decide": () => ({ userCode: "x", allow: true }),
    "PATCH /api/v1/people/:person": () => ({}),
    "PUT /api/v1/people/:person/roles": () => ({ items: [] }),
    "POST /api/v1/invitations": () => ({ email: `person-${made}@example.com` }),
  };

  async function ask(method: string, url: string, token: string | undefined): Promise<string> {
    const path = await pathOf(url);
    const json = BODIES[`${method} ${url}`]?.();
    if (url === "/api/v1/stream") return streamVerdict(path, token);
    return verdict(await hub.call(method, path, { ...callFrom(token), json }));
  }

  /** The stream never ends: its status is enough. */
  async function streamVerdict(path: string, token: string | undefined): Promise<string> {
    const gone = new AbortController();
    const headers = {
      ...callFrom(token).headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const answer = await fetch(`http://127.0.0.1:${hub.port}${path}`, { headers, signal: gone.signal });
    gone.abort();
    return answer.status === 200 ? "in" : `${answer.status} unauthenticated`;
  }

  test("every route is in the table, and every row is a route", () => {
    const served = hub.routes.filter(({ method }) => method !== "HEAD").map(({ method, url }) => `${method} ${url}`);
    expect(served.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
  });

  test.each(Object.entries(ROUTES))("%s lets in %s", async (route, who) => {
    const [method = "", url = ""] = route.split(" ");
    for (const [name, token] of Object.entries(bad)) {
      const expected = who === "everybody" ? "in" : /^\d/.test(who) ? who : "401 unauthenticated";
      expect(await ask(method, url, token), name).toBe(expected);
    }
    for (const letter of Object.keys(IDENTITIES) as Letter[]) {
      const mayEnter = who === "everybody" || who.includes(letter);
      const isHidden = letter === "X" && url.includes(":env");
      const answer = await ask(method, url, tokens[letter]);
      if (/^\d/.test(who)) expect(answer, IDENTITIES[letter]).toBe(who);
      else if (mayEnter) expect(answer, IDENTITIES[letter]).toBe("in");
      // What one has no right on is not there.
      else if (isHidden) expect(await statusOf(method, url, tokens[letter]), IDENTITIES[letter]).toBe(404);
      else expect(answer, IDENTITIES[letter]).toBe("403 forbidden");
    }
  });

  async function statusOf(method: string, url: string, token: string): Promise<number> {
    return (await hub.call(method, await pathOf(url), { token, json: BODIES[`${method} ${url}`]?.() })).status;
  }

  test("lists hold what one may see", async () => {
    const namesFor = async (letter: Letter): Promise<string[]> => {
      const { body } = await hub.call("GET", "/api/v1/environments", { token: tokens[letter] });
      return (JSON.parse(body) as { items: Environment[] }).items.map(({ name }) => name);
    };
    expect(await namesFor("X")).toEqual(["other"]);
    expect(await namesFor("V")).toContain("web");
    expect(await namesFor("V")).not.toContain("other");
    expect(await namesFor("A")).toEqual(expect.arrayContaining(["web", "other"]));
    const { body } = await hub.call("GET", "/api/v1/containers", { token: tokens.X });
    const { items } = JSON.parse(body) as { items: { environment: { name: string } }[] };
    expect(items.map(({ environment }) => environment.name)).toEqual(["other"]);
    for (const path of ["containers", "events", "metrics", "stream"]) {
      const named = await hub.call("GET", `/api/v1/${path}?environment=web`, { token: tokens.X });
      expect([path, named.status]).toEqual([path, 404]);
    }
  });
});

describe("the Docker endpoint", () => {
  const callOf = (method: string, path: string) => `${method} /v1.45${path.replaceAll(/\{\w+\}/g, "abc")}`;

  async function ask(call: string, token: string | undefined): Promise<{ answer: Answer; isIn: boolean }> {
    const [method = "", path = ""] = call.split(" ");
    const headers = takesOverConnection(method, path) ? { connection: "Upgrade", upgrade: "tcp" } : {};
    reached = [];
    const answer = await hub.call(method, `/api/v1/environments/web/docker${path}`, {
      ...callFrom(token),
      headers: { ...callFrom(token).headers, ...headers },
      ...(method === "POST" ? { json: {} } : {}),
    });
    return { answer, isIn: reached.includes(call) };
  }

  test("every permission has its row", () => {
    const needed = Object.keys(ENVIRONMENT_PERMISSIONS).filter((permission) => !ELSEWHERE.test(permission));
    expect(Object.keys(DOCKER).toSorted()).toEqual(needed.toSorted());
  });

  test.each(DOCKER_ENDPOINTS)("$method $path needs $permission", async ({ method, path, permission }) => {
    const call = callOf(method, path);
    for (const [name, token] of Object.entries(bad)) {
      const { answer, isIn } = await ask(call, token);
      expect([name, answer.status, isIn]).toEqual([name, 401, false]);
    }
    for (const letter of Object.keys(IDENTITIES) as Letter[]) {
      const name = IDENTITIES[letter];
      const { answer, isIn } = await ask(call, tokens[letter]);
      if (DOCKER[permission]?.includes(letter) === true) {
        expect([name, isIn]).toEqual([name, true]);
        continue;
      }
      expect([name, answer.status, isIn]).toEqual([name, letter === "X" ? 404 : 403, false]);
      if (method === "HEAD") continue;
      const { message } = JSON.parse(answer.body) as { message: string };
      if (letter !== "X") expect(message).toContain(permission);
    }
  });

  test("what Docker's API does not have needs engine.other", async () => {
    for (const call of [
      "GET /libpod/info",
      "GET /v1.45//containers/json",
      "POST /containers/a/b/exec",
      "OPTIONS /info",
    ]) {
      for (const letter of ["V", "O", "C"] as const) {
        const { answer, isIn } = await ask(call, tokens[letter]);
        expect([call, answer.status, isIn]).toEqual([call, 403, false]);
      }
    }
    expect((await ask("GET /libpod/info", tokens.A)).isIn).toBe(true);
  });

  /** What a WebSocket's handshake is answered with. */
  async function upgradeStatus(path: string, token: string | undefined): Promise<number> {
    const headers = {
      ...callFrom(token).headers,
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    };
    return (await hub.call("GET", path, { headers, ...(token === undefined ? {} : { token }) })).status;
  }

  test.each([
    ["exec", "container.exec", { V: 403, O: 101, A: 101, C: 403, X: 404 }],
    ["logs", "container.logs", { V: 101, O: 101, A: 101, C: 403, X: 404 }],
  ])("the WebSocket %s needs %s", async (name, _permission, statuses) => {
    const path = `/api/v1/environments/web/${name}?container=x`;
    for (const token of Object.values(bad)) expect(await upgradeStatus(path, token)).toBe(401);
    for (const [letter, status] of Object.entries(statuses)) {
      expect([letter, await upgradeStatus(path, tokens[letter as Letter])]).toEqual([letter, status]);
    }
  });

  test("the WebSocket with containers' figures lets in everybody, and asks for each container", async () => {
    const path = "/api/v1/container-stats";
    for (const token of Object.values(bad)) expect(await upgradeStatus(path, token)).toBe(401);
    for (const letter of Object.keys(IDENTITIES) as Letter[]) {
      expect([letter, await upgradeStatus(path, tokens[letter])]).toEqual([letter, 101]);
    }
  });

  describe("bodies that demand more of the host than a container has", () => {
    const create = "/api/v1/environments/web/docker/v1.45/containers/create";
    const HOST: readonly unknown[] = [
      { HostConfig: { Privileged: true } },
      { hostconfig: { PRIVILEGED: true } },
      { HostConfig: { Binds: ["/etc:/etc"] } },
      { HostConfig: { Mounts: [{ Type: "bind", Source: "/", Target: "/host" }] } },
      { HostConfig: { NetworkMode: "host" } },
      { HostConfig: { PidMode: "host" } },
      { HostConfig: { CapAdd: ["SYS_ADMIN"] } },
      { HostConfig: { Devices: [{ PathOnHost: "/dev/sda" }] } },
      { HostConfig: { SecurityOpt: ["seccomp=unconfined"] } },
      { HostConfig: { FieldOfTomorrow: 1 } },
    ];

    test.each(HOST.map((json) => [JSON.stringify(json), json]))("%s", async (_text, json) => {
      reached = [];
      const refused = await hub.call("POST", create, { token: tokens.O, json });
      expect([refused.status, created()]).toEqual([403, []]);
      expect((JSON.parse(refused.body) as { message: string }).message).toMatch(/container\.(privileged|bind)/);
      await hub.call("POST", create, { token: tokens.A, json });
      expect(created()).toHaveLength(1);
    });

    test("one that demands nothing reaches the engine as it was understood", async () => {
      let got = "";
      // The hub looks at its engines, too.
      const listen = (request: IncomingMessage): void => {
        if (request.method === "POST") request.setEncoding("utf8").on("data", (text: string) => (got += text));
      };
      engine.on("request", listen);
      const json = { Image: "busybox", HostConfig: { Memory: 1024 } };
      const { status, body } = await hub.call("POST", create, { token: tokens.O, json });
      expect(status, body).toBe(200);
      engine.off("request", listen);
      expect(JSON.parse(got)).toEqual(json);
    });

    test.each<[string, Record<string, string>, string]>([
      ["a form", { "content-type": "application/x-www-form-urlencoded" }, create],
      ["an upgrade", { connection: "Upgrade", upgrade: "tcp" }, create],
      ["a version before 1.24", {}, create.replace("v1.45", "v1.23")],
    ])("%s does not get round it", async (_name, headers, path) => {
      reached = [];
      const { status } = await hub.call("POST", path, {
        token: tokens.O,
        headers,
        json: { HostConfig: { Privileged: true } },
      });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(created()).toEqual([]);
    });
  });
});
