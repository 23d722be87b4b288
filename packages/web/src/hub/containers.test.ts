import { FairleadError } from "@fairlead/protocol";
import type { ContainerSummary, Environment, EnvironmentContainers, EventItem } from "@fairlead/protocol/rest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Containers, type ContainersState } from "./containers.ts";

type Read<T> = PromiseWithResolvers<T>;

let all: Read<EnvironmentContainers[]>[];
let one: (Read<EnvironmentContainers> & { id: number })[];
let containers: Containers;
const state = (): ContainersState => containers.store.value;
const names = (): string[] => state().rows.map(({ environmentName, name }) => `${environmentName}/${name}`);
const row = (name: string) => state().rows.find((found) => found.name === name);

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-01-01T12:00:00Z") });
  [all, one] = [[], []];
  containers = new Containers({
    hub: {
      listContainers: () => {
        all.push(Promise.withResolvers());
        return all.at(-1)!.promise;
      },
      environmentContainers: (id) => {
        one.push({ id, ...Promise.withResolvers<EnvironmentContainers>() });
        return one.at(-1)!.promise;
      },
    },
  });
});
afterEach(() => vi.useRealTimers());

const container = (name: string, more: Partial<ContainerSummary> = {}): ContainerSummary => ({
  Id: name.repeat(8),
  Names: [`/${name}`],
  Image: "nginx",
  ImageID: "sha256:0",
  Command: "nginx",
  Created: 0,
  State: "running",
  Status: "Up 3 hours",
  Ports: [],
  Labels: {},
  ...more,
});
const list = (id: number, name: string, of: ContainerSummary[], more: Partial<EnvironmentContainers> = {}) => ({
  environment: { id, name, kind: "edge" as const },
  live: true,
  at: "2026-01-01T11:59:00Z",
  error: null,
  containers: of,
  ...more,
});
const event = (environmentId: number, name: string, action: string): EventItem => ({
  id: 1,
  kind: "event",
  environmentId,
  event: { containerId: name.repeat(8), action, timestamp: "2026-01-01T12:00:00Z" },
});
const host = (id: number, name: string, engine: "up" | "down"): Environment =>
  ({
    id,
    name,
    engine: { state: engine, since: "2026-01-01T11:30:00Z", checkedAt: null, error: "it is away" },
  }) as unknown as Environment;
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(200);

async function loaded(...lists: EnvironmentContainers[]): Promise<void> {
  void containers.load();
  all.at(-1)!.resolve(lists);
  await settle();
}

test("lists of all hosts become rows; what did not change keeps its row over a second list", async () => {
  await loaded(list(1, "attic", [container("web"), container("db")]), list(2, "cellar", [container("web")]));
  expect(state()).toMatchObject({ loaded: true, error: null });
  expect(names()).toEqual(["attic/web", "attic/db", "cellar/web"]);
  const before = state();
  await loaded(list(1, "attic", [container("web"), container("db", { Status: "Up 4 hours" })]));
  expect(names()).toEqual(["attic/web", "attic/db"]);
  expect(state().rows[0]).toBe(before.rows[0]);
  expect(state().rows[1]).not.toBe(before.rows[1]);
});

test("ages are the same object until one of them is another", async () => {
  await loaded(list(1, "attic", [container("web")]));
  const { ages } = state();
  containers.applyEvent(event(1, "web", "pause"));
  await settle();
  expect(row("web")?.container.State).toBe("paused");
  expect(state().ages).toBe(ages);
  containers.environmentChanged(host(1, "attic", "down"), host(1, "attic", "up"));
  await settle();
  expect(state().ages.get(1)).toMatchObject({ live: false, at: "2026-01-01T11:30:00Z", error: "it is away" });
});

test("events of a moment are one change of the store, and none where nothing changes", async () => {
  await loaded(list(1, "attic", [container("web"), container("db")]));
  let changes = 0;
  containers.store.subscribe(() => (changes += 1));
  for (let times = 0; times < 100; times += 1) containers.applyEvent(event(1, "web", times % 2 ? "unpause" : "pause"));
  containers.applyEvent(event(1, "db", "exec_start: true"));
  await settle();
  expect(changes).toBe(1);
  containers.applyEvent(event(1, "db", "exec_start: true"));
  await settle();
  expect(changes).toBe(1);
});

test("an event's row says when it was told", async () => {
  await loaded(list(1, "attic", [container("web")]));
  expect(row("web")?.toldAt).toBe(Date.parse("2026-01-01T11:59:00Z"));
  containers.applyEvent(event(1, "web", "die"));
  await settle();
  expect(row("web")?.toldAt).toBeGreaterThanOrEqual(Date.parse("2026-01-01T12:00:00Z"));
});

test("a removed container goes; a new one is looked for in its host's list", async () => {
  await loaded(list(1, "attic", [container("web"), container("db")]));
  containers.applyEvent(event(1, "db", "destroy"));
  containers.applyEvent(event(1, "db", "destroy"));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(names()).toEqual(["attic/web"]);
  expect(one).toEqual([]);
  containers.applyEvent(event(1, "new", "create"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(one.map(({ id }) => id)).toEqual([1]);
  one[0]!.resolve(list(1, "attic", [container("web"), container("new")]));
  await settle();
  expect(names()).toEqual(["attic/web", "attic/new"]);
});

test("what is told while a list is read stands, though the list is older", async () => {
  await loaded(list(1, "attic", [container("web"), container("db"), container("gone")]));
  void containers.load();
  containers.applyEvent(event(1, "web", "pause"));
  containers.applyEvent(event(1, "gone", "destroy"));
  all.at(-1)!.resolve([list(1, "attic", [container("web"), container("db"), container("gone")])]);
  await settle();
  expect(names()).toEqual(["attic/web", "attic/db"]);
  expect(row("web")?.container.State).toBe("paused");

  containers.refresh(1);
  await vi.advanceTimersByTimeAsync(100);
  containers.applyEvent(event(1, "db", "die"));
  one.at(-1)!.resolve(list(1, "attic", [container("web"), container("db")]));
  await settle();
  expect(row("db")?.container.State).toBe("exited");
});

test("more is told while a list is read than is kept: it is read again", async () => {
  await loaded(list(1, "attic", [container("web")]));
  void containers.load();
  for (let times = 0; times < 5_001; times += 1) containers.applyEvent(event(1, "web", "exec_start: true"));
  all.at(-1)!.resolve([list(1, "attic", [container("web")])]);
  await vi.advanceTimersByTimeAsync(500);
  expect(one.map(({ id }) => id)).toEqual([1]);
});

test.each(["start", "rename", "update", "die"])("%s: what else changed is read a little later", async (action) => {
  await loaded(list(1, "attic", [container("web")]));
  containers.applyEvent(event(1, "web", action));
  await vi.advanceTimersByTimeAsync(1_500);
  expect(one).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(one).toHaveLength(1);
});

test("a gap, a host that comes back and a new host have their lists read; a host that goes has not", async () => {
  await loaded(list(1, "attic", [container("web")]), list(2, "cellar", []));
  containers.applyEvent({ id: 1, kind: "gap", environmentId: 2, from: null, to: "2026-01-01T12:00:00Z", reason: "" });
  containers.environmentChanged(host(1, "attic", "down"), host(1, "attic", "up"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(one.map(({ id }) => id)).toEqual([2]);
  containers.environmentChanged(host(1, "attic", "up"), host(1, "attic", "down"));
  containers.environmentChanged(host(3, "garage", "down"), undefined);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(new Set(one.map(({ id }) => id))).toEqual(new Set([1, 2, 3]));
});

test("a host that is renamed or removed", async () => {
  await loaded(list(1, "attic", [container("web")]), list(2, "cellar", [container("db")]));
  containers.environmentChanged(host(1, "loft", "up"), host(1, "attic", "up"));
  containers.forget(2);
  await settle();
  expect(names()).toEqual(["loft/web"]);
  expect([...state().ages.values()]).toMatchObject([{ environmentName: "loft", live: true }]);
});

test("a list that fails is said until one comes, and asked for again", async () => {
  await loaded(list(1, "attic", [container("web")]));
  void containers.load();
  all.at(-1)!.reject(new FairleadError("hub_unreachable", "It is away"));
  await settle();
  containers.applyEvent(event(1, "web", "pause"));
  await settle();
  expect(state().error?.message).toBe("It is away");
  expect(names()).toEqual(["attic/web"]);
  await vi.advanceTimersByTimeAsync(5_000);
  all.at(-1)!.resolve([list(1, "attic", [container("db")])]);
  await settle();
  expect([state().error, names()]).toEqual([null, ["attic/db"]]);
});

test("of two lists that were asked for the later one counts, in whichever order they come", async () => {
  void containers.load();
  void containers.load();
  all[1]!.resolve([list(1, "attic", [container("new")])]);
  await settle();
  all[0]!.resolve([list(1, "attic", [container("old")])]);
  await settle();
  expect(names()).toEqual(["attic/new"]);
});

test("500 events a second over 200 hosts: few lists are read at once, and ten a second at most", async () => {
  const hosts = Array.from({ length: 200 }, (_, id) => list(id, `host-${id}`, [container("web")]));
  await loaded(...hosts);
  let open = 0;
  for (let tenths = 0; tenths < 100; tenths += 1) {
    for (let number = 0; number < 50; number += 1)
      containers.applyEvent(event((tenths * 50 + number) % 200, "web", number % 2 ? "start" : "die"));
    open = Math.max(open, one.length - answered.size);
    for (const read of one) {
      read.resolve(hosts[read.id]!);
      answered.add(read);
    }
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(one.length).toBeGreaterThan(20);
  expect(one.length).toBeLessThanOrEqual(100);
  expect(open).toBeLessThanOrEqual(3);
});
const answered = new Set<object>();
