import { expect, test } from "vitest";
import { MAX_UPLOAD_BYTES, MAX_UPLOAD_FILES, uploadProblem } from "./upload-problem.ts";

const file = (name: string, size = 1) => ({ name, size });

test("what is too much, or would overwrite itself, is told before anything is sent", () => {
  expect(uploadProblem([file("a"), file("b", MAX_UPLOAD_BYTES - 1)])).toBeUndefined();
  expect(uploadProblem([file("a"), file("b", MAX_UPLOAD_BYTES)])).toContain("docker cp");
  expect(uploadProblem(Array.from({ length: MAX_UPLOAD_FILES + 1 }, (_, index) => file(String(index))))).toContain(
    "501 files",
  );
  expect(uploadProblem([file("a"), file("a")])).toContain("called a");
});
