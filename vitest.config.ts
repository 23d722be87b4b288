import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes long begins first, so that no worker waits for it at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => /edge-fuzz\.test|\/test\/e2e\//.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.{ts,tsx}",
      "test/**/*.test.ts",
      "scripts/**/*.test.ts",
      "bench/src/**/*.test.ts",
    ],
    setupFiles: ["test/fail-on-leaked-secrets.ts"],
    sequence: { sequencer: LongestFirst },
    // Set-up and teardown start real servers; tests must not depend on speed, so limits are generous.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // vitest's own default is a second.
    expect: { poll: { timeout: 60_000 } },
    // On the two cores that CI has: some files wait as long as they work.
    maxWorkers: 3,
    // Files share a process, one after the other: to start one for each takes minutes. What a file changes in it, it puts back.
    isolate: false,
  },
});
