import { expect, test } from "vitest";
import { shellWords } from "./shell-words.ts";

test("only what a shell would misunderstand is quoted", () => {
  expect(shellWords(["nginx", "-g", "daemon off;", "", "it's"])).toBe(`nginx -g 'daemon off;' '' 'it'"'"'s'`);
});
