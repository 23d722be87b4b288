import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { BrowserGuard } from "./browser-guard.ts";

const asked = (headers: Record<string, string>): IncomingMessage => ({ headers }) as unknown as IncomingMessage;

function allows(publicUrl: string | undefined, headers: Record<string, string>): boolean {
  try {
    new BrowserGuard(publicUrl).checkUpgrade(asked(headers));
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "forbidden" });
    return false;
  }
}

test("programs, which send no origin, upgrade as they like", () => {
  expect(allows(undefined, { host: "anything" })).toBe(true);
  expect(allows("https://hub.example", {})).toBe(true);
});

test("a page upgrades at the host that it came from", () => {
  expect(allows(undefined, { origin: "http://hub.lan:8375", host: "hub.lan:8375" })).toBe(true);
  expect(allows(undefined, { origin: "http://evil.example", host: "hub.lan:8375" })).toBe(false);
  expect(allows(undefined, { origin: "http://hub.lan", host: "hub.lan:8375" })).toBe(false);
  expect(allows(undefined, { origin: "null", host: "hub.lan" })).toBe(false);
  expect(allows(undefined, { origin: "http://evil.example" })).toBe(false);
});

test("with a public URL, a name that was made to point here does not do", () => {
  const url = "https://hub.example";
  expect(allows(url, { origin: url, host: "hub.example" })).toBe(true);
  // A proxy that passes its own name on.
  expect(allows(url, { origin: url, host: "127.0.0.1:8375" })).toBe(true);
  expect(allows(url, { origin: "http://localhost:8375", host: "localhost:8375" })).toBe(true);
  expect(allows(url, { origin: "http://[::1]:8375", host: "[::1]:8375" })).toBe(true);
  expect(allows(url, { origin: "http://rebound.example", host: "rebound.example" })).toBe(false);
});

test("what a host answers is no page", () => {
  const guard = new BrowserGuard(undefined);
  expect(() => guard.refusePage(asked({ "sec-fetch-dest": "empty" }))).not.toThrow();
  expect(() => guard.refusePage(asked({ "x-requested-with": "fetch" }))).not.toThrow();
  for (const destination of ["document", "iframe", "script", "image"]) {
    expect(() => guard.refusePage(asked({ "sec-fetch-dest": destination }))).toThrow(/not for pages/);
  }
  expect(() => guard.refusePage(asked({}))).toThrow(/not for pages/);
});
