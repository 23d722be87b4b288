/** For every test file: a test fails when a program that it runs prints a secret. */
import { failOnLeakedSecrets, watchOwnLog } from "@fairlead/testkit/leaked-secrets";
import { afterAll, afterEach } from "vitest";

watchOwnLog();
afterEach(failOnLeakedSecrets);
// What is started for a whole file stops after its last test.
afterAll(failOnLeakedSecrets);
