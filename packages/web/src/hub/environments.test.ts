import type { Environment } from "@fairlead/protocol/rest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Environments } from "./environments.ts";

let lists: PromiseWithResolvers<Environment[]>[];
let environments: Environments;
let published: number;
const containers = { environmentChanged: vi.fn(), forget: vi.fn() };
const names = (): string[] => environments.store.value.list.map(({ name }) => name);

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  lists = [];
  published = 0;
  environments = new Environments({
    hub: {
      listEnvironments: () => {
        lists.push(Promise.withResolvers());
        return lists.at(-1)!.promise;
      },
    },
    containers,
  });
  environments.store.subscribe(() => (published += 1));
});
afterEach(() => vi.useRealTimers());

const host = (id: number, name: string, running = 0): Environment =>
  ({ id, name, counts: { running } }) as unknown as Environment;

async function load(...list: Environment[]): Promise<void> {
  const loading = environments.load();
  lists.at(-1)!.resolve(list);
  await loading;
}

test("hosts are listed as people count", async () => {
  await load(host(1, "rack-10"), host(2, "rack-2"), host(3, "Attic"));
  expect(names()).toEqual(["Attic", "rack-2", "rack-10"]);
});

test("what was told while the list was read is newer than it", async () => {
  const loading = environments.load();
  environments.apply({ id: 1, removed: true });
  environments.apply(host(2, "cellar", 5));
  lists[0]!.resolve([host(1, "attic"), host(2, "cellar", 4)]);
  await loading;
  expect(environments.store.value.list).toEqual([host(2, "cellar", 5)]);
});

test("one change is shown at once, many that follow together, and none is lost", async () => {
  await load(host(1, "attic"), host(2, "cellar"));
  await vi.advanceTimersByTimeAsync(1_000);
  published = 0;
  environments.apply(host(1, "attic", 1));
  expect(environments.store.value.byId.get(1)).toEqual(host(1, "attic", 1));
  for (let running = 0; running <= 100; running += 1) {
    environments.apply(host(1, "attic", running));
    environments.apply(host(2, "cellar", running));
  }
  expect(published).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(published).toBe(2);
  expect(environments.store.value.list).toEqual([host(1, "attic", 100), host(2, "cellar", 100)]);
  expect(environments.store.value.byId.get(2)).toBe(environments.store.value.list[1]);
});

test("another name, a new host and one that is gone are shown at once, whatever else comes", async () => {
  await load(host(1, "attic"), host(2, "cellar"));
  environments.apply(host(2, "barn"));
  expect(names()).toEqual(["attic", "barn"]);
  environments.apply(host(3, "aisle"));
  expect(names()).toEqual(["aisle", "attic", "barn"]);
  environments.apply({ id: 1, removed: true });
  expect(names()).toEqual(["aisle", "barn"]);
});

test("the containers' lists hear of each change, with what was before", async () => {
  await load(host(1, "attic", 1));
  environments.apply(host(1, "attic", 2));
  environments.apply(host(1, "attic", 3));
  environments.apply({ id: 1, removed: true });
  expect(containers.environmentChanged.mock.calls).toEqual([
    [host(1, "attic", 2), host(1, "attic", 1)],
    [host(1, "attic", 3), host(1, "attic", 2)],
  ]);
  expect(containers.forget.mock.calls).toEqual([[1]]);
});
