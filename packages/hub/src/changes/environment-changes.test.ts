import type { Environment } from "@fairlead/protocol/rest";
import { waitFor } from "@fairlead/testkit";
import { describe, expect, it } from "vitest";
import { silentLog as log } from "../database/database-fixture.ts";
import type { EnvironmentRecord } from "../environments/record.ts";
import { EnvironmentChanges } from "./environment-changes.ts";

function setUp(view: (id: number) => Promise<Environment | undefined>): {
  published: unknown[];
  changes: EnvironmentChanges;
} {
  const published: unknown[] = [];
  const publish = (topic: string, id: number, body: unknown): void => void published.push([topic, id, body]);
  return { published, changes: new EnvironmentChanges({ changes: { publish }, view, log, delayMs: 10 }) };
}

const record = (id: number): EnvironmentRecord => ({
  id,
  name: `host-${id}`,
  kind: "edge",
  labels: {},
  address: null,
  tls: null,
  createdAt: 0,
});
const named = (name: string): Promise<Environment> => Promise.resolve({ name } as Environment);

describe("EnvironmentChanges", () => {
  it("publishes an environment once for many changes, as it is at the end", async () => {
    let name = "before";
    const { published, changes } = setUp(() => named(name));
    changes.touch(1);
    changes.touch(1);
    name = "after";
    changes.touch(1);
    await waitFor(() => published.length > 0, { what: "the change" });
    await changes.flush();
    expect(published).toEqual([["environment", 1, { name: "after" }]]);
  });

  it("tells of removed environments, and not of ones that are gone meanwhile", async () => {
    const { published, changes } = setUp((id) => (id === 2 ? Promise.resolve(undefined) : named("left")));
    for (const id of [1, 2, 3]) changes.onChange({ type: "updated", environment: record(id) });
    changes.onChange({ type: "removed", environment: record(3) });
    await changes.flush();
    expect(published).toEqual([
      ["environment", 3, { id: 3, removed: true }],
      ["environment", 1, { name: "left" }],
    ]);
  });

  it("goes on with the others when one view fails", async () => {
    const { published, changes } = setUp((id) => (id === 1 ? Promise.reject(new Error("broken")) : named("fine")));
    changes.touch(1);
    changes.touch(2);
    await changes.flush();
    expect(published).toEqual([["environment", 2, { name: "fine" }]]);
  });
});
