import { newSecret } from "@fairlead/testkit";
import { takeLeaks } from "@fairlead/testkit/leaked-secrets";
import { expect, test } from "vitest";
import { createLog } from "./log.ts";

test("what a hub inside a test logs is searched for secrets", () => {
  const log = createLog("info");
  log.info("nothing to see");
  expect(takeLeaks()).toEqual([]);
  log.info({ token: newSecret() }, "a secret");
  expect(takeLeaks()).toHaveLength(1);
});
