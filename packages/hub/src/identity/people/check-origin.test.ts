import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { checkOrigin } from "./check-origin.ts";

const OWN = "https://hub.example";
const request = (method: string, headers: Record<string, string>) =>
  ({ method, headers: { host: "hub.example", ...headers } }) as unknown as IncomingMessage;

test.each([
  ["GET", {}],
  ["GET", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }],
  ["HEAD", {}],
  ["POST", { "sec-fetch-site": "same-origin" }],
  ["DELETE", { origin: OWN }],
  ["POST", { origin: "http://hub.example" }],
  ["GET", { upgrade: "websocket", origin: OWN }],
  ["GET", { upgrade: "websocket", "sec-fetch-site": "same-origin" }],
])("%s with %o is let through", (method, headers) => {
  expect(() => checkOrigin(request(method, headers), [OWN])).not.toThrow();
});

test.each([
  ["POST", {}],
  ["POST", { origin: "null" }],
  ["POST", { origin: "https://evil.example" }],
  ["POST", { origin: "https://hub.example.evil.example" }],
  ["POST", { origin: OWN, "sec-fetch-site": "cross-site" }],
  ["POST", { origin: OWN, "sec-fetch-site": "same-site" }],
  ["PUT", { "sec-fetch-site": "none" }],
  ["DELETE", { "sec-fetch-site": "same-site", origin: "https://other.hub.example" }],
  ["OPTIONS", {}],
  ["GET", { upgrade: "websocket" }],
  ["GET", { upgrade: "websocket", origin: "https://evil.example" }],
  ["GET", { upgrade: "tcp", "sec-fetch-site": "cross-site" }],
])("%s with %o is refused", (method, headers) => {
  expect(() => checkOrigin(request(method, headers), [OWN])).toThrow(
    expect.objectContaining({ code: "forbidden" }) as Error,
  );
});
