import { describe, expect, test } from "vitest";
import { refusalOf, refusalOfClose } from "./refused-by-hub.ts";

describe("what a hub's no means", () => {
  test.each([
    [{ error: "x", code: "token_invalid" }, true],
    [{ error: "x", code: "token_revoked" }, true],
    [{ error: "another machine uses this token", code: "identity_conflict" }, false],
    [{ error: "Invalid token" }, true],
    [{ error: "The token was revoked" }, true],
    [{ error: "Unauthorized" }, true],
    [{ error: "Too many agents" }, false],
    [{ error: "" }, false],
  ])("%o: the token is refused: %s", (fields, tokenRefused) => {
    expect(refusalOf({ type: "error", ...fields }).tokenRefused).toBe(tokenRefused);
  });

  test("seconds of retryAfter as milliseconds", () => {
    expect(refusalOf({ type: "error", error: "busy", retryAfter: 2.5 }).retryAfterMs).toBe(2_500);
    expect(refusalOf({ type: "error", error: "busy" }).retryAfterMs).toBeUndefined();
  });

  test("close reasons of deployed hubs", () => {
    expect(refusalOfClose(1000, "Token regenerated").tokenRefused).toBe(true);
    expect(refusalOfClose(1001, "Connection timeout").tokenRefused).toBe(false);
    expect(refusalOfClose(1006, "").message).toContain("1006");
  });
});
