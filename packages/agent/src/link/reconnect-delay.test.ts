import { describe, expect, test } from "vitest";
import { type ConnectionTry, MAX_RETRY_AFTER_MS, ReconnectDelay, STABLE_CONNECTION_MS } from "./reconnect-delay.ts";

const failed: ConnectionTry = { heldMs: 0, tokenRefused: false };
/** In the middle of the jitter. */
const calm = (): ReconnectDelay => new ReconnectDelay(1_000, 60_000, () => 0.5);

describe("ReconnectDelay", () => {
  test("doubles from 1 s to 60 s", () => {
    const delay = calm();
    const delays = Array.from({ length: 9 }, () => delay.after(failed));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("jitter is a quarter to both sides", () => {
    expect(new ReconnectDelay(1_000, 60_000, () => 0).after(failed)).toBe(750);
    expect(new ReconnectDelay(1_000, 60_000, () => 1).after(failed)).toBe(1_250);
  });

  test("only a connection that held 30 s starts from the beginning again", () => {
    const delay = calm();
    for (let index = 0; index < 4; index += 1) delay.after(failed);
    expect(delay.after({ heldMs: STABLE_CONNECTION_MS - 1, tokenRefused: false })).toBe(16_000);
    expect(delay.after({ heldMs: STABLE_CONNECTION_MS, tokenRefused: false })).toBe(1_000);
    expect(delay.after(failed)).toBe(2_000);
  });

  test("retryAfter is obeyed, never shortens, and has a limit", () => {
    expect(calm().after({ ...failed, retryAfterMs: 7_000 })).toBe(7_000);
    expect(calm().after({ ...failed, retryAfterMs: 10 })).toBe(1_000);
    expect(calm().after({ ...failed, retryAfterMs: 1e12 })).toBe(MAX_RETRY_AFTER_MS);
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])("a retryAfter of %s asks for nothing", (retryAfterMs) => {
    expect(calm().after({ ...failed, retryAfterMs })).toBe(1_000);
  });

  test("a refused token is tried at the slowest pace", () => {
    const delay = calm();
    expect(delay.after({ ...failed, tokenRefused: true })).toBe(60_000);
    expect(delay.after({ heldMs: STABLE_CONNECTION_MS, tokenRefused: true })).toBe(60_000);
  });
});
