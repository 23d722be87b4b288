import type { Permission } from "@fairlead/protocol";
import type { Environment } from "@fairlead/protocol/rest";
import { expect, test } from "vitest";
import { containerAction } from "../../docker/container-actions.ts";
import { planBulk } from "./bulk-plan.ts";
import { fixtureRow } from "./container-row.fixture.ts";

const host = (id: number, name: string, link: "up" | "down" = "up"): Environment =>
  ({
    id,
    name,
    labels: {},
    agent: null,
    link: { state: link, since: null, checkedAt: null, error: null },
    engine: { state: "up", since: null, checkedAt: null, error: null },
  }) as unknown as Environment;
const environments = new Map([host(1, "attic"), host(2, "cellar"), host(3, "garage", "down")].map((of) => [of.id, of]));
const me = (permissions: Permission[], environmentId?: number) => ({
  grants: [
    {
      permissions,
      scope:
        environmentId === undefined ? ({ type: "all" } as const) : ({ type: "environment", environmentId } as const),
    },
  ],
});
const running = fixtureRow("web");
const exited = fixtureRow("job", { State: "exited" });
const onCellar = fixtureRow("db", {}, { id: 2, name: "cellar" });
const onGarage = fixtureRow("car", {}, { id: 3, name: "garage" });

test("what is in another state is left out, what is not allowed or not there is named", () => {
  const plan = planBulk(
    containerAction("stop"),
    [running, exited, onCellar, onGarage],
    me(["container.stop"], 1),
    environments,
  );
  expect(plan.rows).toEqual([running]);
  expect(plan.forbidden).toEqual([
    { row: onCellar, reason: "You may not: it needs container.stop on cellar. An admin can give it to you." },
    { row: onGarage, reason: "You may not: it needs container.stop on garage. An admin can give it to you." },
  ]);
  expect(plan.allowance).toEqual({ allowed: true });
});

test("when nothing is left, the reason is said", () => {
  const all = me(["container.start"]);
  expect(planBulk(containerAction("start"), [running, onCellar], all, environments).allowance).toEqual({
    allowed: false,
    reason: "None of these is created, exited, or dead.",
  });
  expect(planBulk(containerAction("start"), [running], all, environments).allowance).toEqual({
    allowed: false,
    reason: "web is running. Start is for what is created, exited, or dead.",
  });
  expect(planBulk(containerAction("stop"), [running], all, environments).allowance).toMatchObject({
    reason: "You may not: it needs container.stop on attic. An admin can give it to you.",
  });
  expect(planBulk(containerAction("stop"), [onGarage], me(["container.stop"]), environments).allowance).toMatchObject({
    reason: "garage is not connected.",
  });
});
