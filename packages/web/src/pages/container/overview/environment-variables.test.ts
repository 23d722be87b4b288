import { expect, test } from "vitest";
import { environmentVariables } from "./environment-variables.ts";

test("name and value part at the first sign", () => {
  expect(environmentVariables(["A=b=c", "BARE", "EMPTY="])).toEqual([
    { name: "A", value: "b=c", secret: false },
    { name: "BARE", value: "", secret: false },
    { name: "EMPTY", value: "", secret: false },
  ]);
});

test.each([
  ["POSTGRES_PASSWORD=x", true],
  ["DB_PASS=x", true],
  ["API_TOKEN=x", true],
  ["AWS_SECRET_ACCESS_KEY=x", true],
  ["APIKEY=x", true],
  ["SSH_KEY=x", true],
  ["DATABASE_URL=postgres://app:hunter2@db/app", true],
  ["DATABASE_URL=postgres://db/app", false],
  ["PATH=/bin", false],
  ["KEYBOARD=de", false],
  ["MONKEY=1", false],
  ["MODE=prod", false],
])("%s: secret %s", (line, secret) => {
  expect(environmentVariables([line])[0]?.secret).toBe(secret);
});
