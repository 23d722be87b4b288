import { expect, test } from "vitest";
import { languageOf } from "./code-language.ts";

test.each([
  ["/etc/nginx/nginx.conf", "nginx"],
  ["/etc/app.conf", "properties"],
  ["/srv/Dockerfile", "dockerfile"],
  ["/srv/compose.YAML", "yaml"],
  ["/app/.env", "properties"],
  ["/root/.profile", "shell"],
  ["/etc/hosts", "text"],
  ["/x.unknown", "text"],
])("%s is %s", (path, language) => {
  expect(languageOf(path)).toBe(language);
});
