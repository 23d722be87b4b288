import { describe, expect, it } from "vitest";
import { addressKey } from "./address-key.ts";
import { FailedDials } from "./failed-dials.ts";

const limits = { failedDialBurst: 3, failedDialRefillMs: 1000, maxFailedAddresses: 100 };

describe("FailedDials", () => {
  it("lets a burst through, then one more for each refill", () => {
    const dials = new FailedDials(limits);
    for (let n = 0; n < 3; n += 1) {
      expect(dials.waitMs("a", 0)).toBe(0);
      dials.add("a", 0);
    }
    expect(dials.waitMs("a", 0)).toBe(1000);
    expect(dials.waitMs("a", 400)).toBe(600);
    expect(dials.waitMs("a", 1000)).toBe(0);
    dials.add("a", 1000);
    expect(dials.waitMs("a", 1000)).toBe(1000);
    expect(dials.waitMs("b", 1000)).toBe(0);
  });

  it("keeps the wait bounded however often one address fails, and evicts nobody for it", () => {
    const dials = new FailedDials(limits);
    for (let n = 0; n < 3; n += 1) dials.add("victim", 0);
    for (let n = 0; n < 10_000; n += 1) dials.add("flood", 0);
    expect(dials.size).toBe(2);
    expect(dials.waitMs("flood", 0)).toBe(2000);
    expect(dials.waitMs("victim", 0)).toBe(1000);
  });

  it("forgets the quietest address beyond its limit, and all that have waited long enough", () => {
    const dials = new FailedDials(limits);
    for (let n = 0; n < 150; n += 1) dials.add(`address-${n}`, n);
    expect(dials.size).toBe(100);
    dials.add("later", 100_000);
    expect(dials.size).toBe(1);
  });

  it("does not mind a clock that goes back", () => {
    const dials = new FailedDials(limits);
    for (let n = 0; n < 3; n += 1) dials.add("a", 10_000);
    expect(dials.waitMs("a", 0)).toBe(1000);
  });
});

describe("addressKey", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::ffff:c000:207", "192.0.2.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["64:ff9b::192.0.2.7", "64:ff9b:0:0::/64"],
    ["", ""],
  ])("takes %s as %s", (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
