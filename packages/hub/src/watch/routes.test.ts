import { ContainerListSchema, EnvironmentContainersSchema } from "@fairlead/protocol/rest";
import { type FakeEngine, startFakeEngine } from "@fairlead/testkit";
import { Compile } from "typebox/compile";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog as log } from "../database/database-fixture.ts";
import { EngineConnections } from "../engine/engine-connections.ts";
import { type AppFixture, appFixture } from "../http/app-fixture.ts";
import { ContainerLists } from "./container-lists.ts";
import { containerRoutes } from "./routes.ts";
import { WatchStore } from "./store.ts";
import { ANY_ADDRESS } from "../engine/any-address-fixture.ts";

let engine: FakeEngine;
let connections: EngineConnections;
let fixture: AppFixture;

beforeAll(async () => {
  engine = await startFakeEngine();
  const container = {
    ImageID: "sha256:1",
    Command: "sh",
    Created: 5,
    State: "running",
    Status: "Up",
    Ports: [],
    Labels: {},
  };
  engine.containers = [{ Id: "c1", Names: ["/one"], Image: "busybox", ...container }];
  fixture = await appFixture((app, { db, environments, authorization }) => {
    connections = new EngineConnections({ guard: ANY_ADDRESS, environments, sessions: new Map(), log });
    const containers = new ContainerLists({ store: new WatchStore(db), connections, reportFailure: () => {} });
    containerRoutes(app, { containers, authorization, environments });
  });
  await fixture.environments.create({ name: "here", kind: "socket", address: engine.socketPath });
  await fixture.environments.create({ name: "away" });
});

afterAll(async () => {
  connections.stop();
  await fixture.stop();
  await engine.stop();
});

describe("container routes", () => {
  it("list over all environments, and over some", async () => {
    const all = (await fixture.request({ url: "/api/v1/containers" })).json<{
      items: { environment: { name: string } }[];
    }>();
    expect(Compile(ContainerListSchema).Check(all)).toBe(true);
    expect(all.items.map(({ environment }) => environment.name)).toEqual(["away", "here"]);
    const some = await fixture.request({ url: "/api/v1/containers?environment=here,here,1" });
    expect(some.json()).toMatchObject({ items: [{ live: true }] });
    expect((await fixture.request({ url: "/api/v1/containers?environment=here,nowhere" })).statusCode).toBe(404);
  });

  it("list one environment", async () => {
    const here = (await fixture.request({ url: "/api/v1/environments/here/containers" })).json<unknown>();
    expect(Compile(EnvironmentContainersSchema).Check(here)).toBe(true);
    expect(here).toMatchObject({ live: true, error: null, containers: [{ Id: "c1", Names: ["/one"] }] });
    const away = await fixture.request({ url: "/api/v1/environments/away/containers" });
    expect(away.json()).toMatchObject({ live: false, at: null, containers: [] });
    expect((await fixture.request({ url: "/api/v1/environments/nowhere/containers" })).statusCode).toBe(404);
  });
});
