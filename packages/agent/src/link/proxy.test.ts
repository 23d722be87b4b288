import { describe, expect, test } from "vitest";
import { proxyFor } from "./proxy.ts";

const http = new URL("http://proxy:3128");
const https = new URL("http://secure-proxy:3128");

describe("proxyFor", () => {
  test("HTTP_PROXY for ws, HTTPS_PROXY for wss, none where none is set", () => {
    expect(proxyFor(new URL("ws://hub/"), { http, https, noProxy: [] })).toBe(http);
    expect(proxyFor(new URL("wss://hub/"), { http, https, noProxy: [] })).toBe(https);
    expect(proxyFor(new URL("wss://hub/"), { http, noProxy: [] })).toBeUndefined();
  });

  test.each([
    ["ws://hub.example.com/", "*", true],
    ["ws://hub.example.com/", "hub.example.com", true],
    ["ws://hub.example.com/", "example.com", true],
    ["ws://hub.example.com/", ".example.com", true],
    ["ws://hub.example.com/", "*.example.com", true],
    ["ws://hub.example.com/", "ample.com", false],
    ["ws://hub.example.com:8375/", "example.com:8375", true],
    ["ws://hub.example.com:8375/", "example.com:80", false],
    ["wss://hub.example.com/", "example.com:443", true],
    ["ws://10.1.2.3/", "10.0.0.0/8", true],
    ["ws://11.1.2.3/", "10.0.0.0/8", false],
    ["ws://10.1.2.3/", "10.0.0.0/99", false],
    ["ws://[fd00::1]/", "fd00::1", true],
    ["ws://[fd00::1]:80/", "[fd00::1]:80", true],
    ["ws://[fd00::1]/", "fd00::/8", true],
    ["ws://hub/", "", false],
  ])("%s with NO_PROXY=%s is direct: %s", (url, entry, isDirect) => {
    expect(proxyFor(new URL(url), { http, https, noProxy: [entry] }) === undefined).toBe(isDirect);
  });
});
