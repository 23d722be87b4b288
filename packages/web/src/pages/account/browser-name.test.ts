import { expect, test } from "vitest";
import { browserName } from "./browser-name.ts";

test.each([
  [null, "A browser"],
  ["curl/8.5", "A browser"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
    "Edge on Windows",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605.1 (KHTML, like Gecko) Version/17 Safari/605.1",
    "Safari on Mac OS X",
  ],
])("%s", (userAgent, name) => expect(browserName(userAgent)).toBe(name));
