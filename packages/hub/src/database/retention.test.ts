import { waitFor } from "@fairlead/testkit";
import { describe, expect, it } from "vitest";
import { silentLog as log } from "./database-fixture.ts";
import { Retention } from "./retention.ts";

describe("Retention", () => {
  it("prunes all again and again, one after the other, whichever fails", async () => {
    const runs: string[] = [];
    const prunings = {
      first: () => Promise.resolve(runs.push("first")),
      broken: () => {
        runs.push("broken");
        return Promise.reject(new Error("disk full"));
      },
      last: () => Promise.resolve(runs.push("last")),
    };
    const retention = new Retention(prunings, log, 5);
    await waitFor(() => runs.length >= 6, { what: "two rounds" });
    await retention.stop();
    expect(runs.slice(0, 6)).toEqual(["first", "broken", "last", "first", "broken", "last"]);
    const done = runs.length;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(runs).toHaveLength(done);
  });

  it("runs one round at a time, and stops after the one that runs", async () => {
    const gate = Promise.withResolvers<number>();
    let rounds = 0;
    const retention = new Retention({ slow: () => ((rounds += 1), gate.promise) }, log, 60_000);
    const first = retention.run();
    expect(retention.run()).toBe(first);
    const stopped = retention.stop();
    gate.resolve(3);
    await Promise.all([first, stopped]);
    expect(rounds).toBe(1);
  });
});
