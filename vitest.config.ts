import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.{ts,tsx}",
      "test/**/*.test.ts",
      "scripts/**/*.test.ts",
      "bench/src/**/*.test.ts",
    ],
    setupFiles: ["test/fail-on-leaked-secrets.ts"],
    // Set-up and teardown start real servers; tests must not depend on speed, so limits are generous.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // vitest's own default is a second.
    expect: { poll: { timeout: 60_000 } },
    // Two workers on the two cores that CI has.
    maxWorkers: 2,
  },
});
