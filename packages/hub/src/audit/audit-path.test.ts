import { expect, test } from "vitest";
import { auditPath } from "./audit-path.ts";

test.each([
  ["/containers/web/stop?t=5&signal=SIGINT", "/containers/web/stop?t=5&signal=SIGINT"],
  ["/images/create?fromImage=registry%3A5000%2Fapp&tag=1", "/images/create?fromImage=registry%3A5000%2Fapp&tag=1"],
  ["/containers/x?force=1&access_token=hunter2&v=1", "/containers/x?force=1&v=1"],
  ["/exec?container=web&cmd=mysql%20-phunter2", "/exec?container=web"],
  ["/build?buildargs=%7B%22P%22%3A%22hunter2%22%7D&remote=https://u:hunter2@h/r&t=app", "/build?t=app"],
  ["/images/create?fromImage=https://u:hunter2@h/app", "/images/create"],
  ["http://u:hunter2@hub/containers/x?t=1", "/containers/x?t=1"],
  ["/x#hunter2", "/x"],
  ["/x?hunter2", "/x"],
  ["/x", "/x"],
  ["", ""],
])("%s is kept as %s", (url, kept) => {
  expect(auditPath(url)).toBe(kept);
});

test("long values are cut", () => {
  expect(auditPath(`/x?name=${"a".repeat(1000)}`)).toBe(`/x?name=${"a".repeat(200)}`);
});
