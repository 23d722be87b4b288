import { describe, expect, it } from "vitest";
import { LINK_LIMITS } from "./link-limits.ts";
import { PingClock } from "./ping-clock.ts";

describe("PingClock", () => {
  it("takes a pong for the ping whose timestamp it names, else for the oldest", () => {
    const clock = new PingClock(LINK_LIMITS);
    const answered: string[] = [];
    clock.sent(() => answered.push("first"));
    expect(clock.ponged(1)).toBeGreaterThanOrEqual(0);
    expect(answered).toEqual(["first"]);
    expect(clock.ponged(1)).toBeUndefined();
  });

  it("remembers few pings of an agent that answers none", () => {
    const clock = new PingClock(LINK_LIMITS);
    const answered: number[] = [];
    for (let n = 0; n < 1000; n += 1) clock.sent(() => answered.push(n));
    for (let n = 0; n < 1000; n += 1) clock.ponged(0);
    expect(answered).toEqual([992, 993, 994, 995, 996, 997, 998, 999]);
  });

  it("does not count time in which the hub did not read as silence", () => {
    const clock = new PingClock({ ...LINK_LIMITS, silenceTimeoutMs: 100 });
    const start = Date.now();
    expect(clock.isSilent(start + 200)).toBe(true);
    clock.hold(start + 200);
    expect(clock.isSilent(start + 250)).toBe(false);
    expect(clock.isSilent(start + 301)).toBe(true);
  });

  it("asks again while it is held, and does not take that for an answer", async () => {
    const clock = new PingClock(LINK_LIMITS);
    let isHeld = true;
    const heard = clock.nextMessage(20, () => {
      const was = isHeld;
      isHeld = false;
      return was;
    });
    expect(await heard).toBe(false);
    expect(isHeld).toBe(false);
  });
});
