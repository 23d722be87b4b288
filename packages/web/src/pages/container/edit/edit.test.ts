import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSize, sizeText } from "./parse-size.ts";
import { updateForm, updateRequest } from "./update-body.ts";

test.each([
  ["512m", 536_870_912],
  ["1.5 GiB", 1_610_612_736],
  ["2gb", 2_147_483_648],
  ["1024", 1024],
  ["1kb", 1024],
  ["10B", 10],
])("%s", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(["", "m", "-1", "1x", "1 2m", "9999999999t"])("%j is no size", (text) => {
  expect(parseSize(text)).toBeUndefined();
});

test("every size is read as it was written", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      expect(parseSize(sizeText(bytes))).toBe(bytes);
    }),
  );
});

const HOST = {
  Memory: 64 * 1024 ** 2,
  MemorySwap: 128 * 1024 ** 2,
  NanoCpus: 1_500_000_000,
  CpuShares: 0,
  PidsLimit: 100,
  RestartPolicy: { Name: "on-failure", MaximumRetryCount: 3 },
};
const FORM = updateForm(HOST);

describe("an update", () => {
  test("shows what is set", () => {
    expect(FORM).toEqual({
      memory: "64m",
      memorySwap: "128m",
      cpus: "1.5",
      cpuShares: "",
      pids: "100",
      restart: "on-failure",
      retries: "3",
    });
  });

  test("of nothing sends nothing", () => {
    expect(updateRequest(HOST, FORM)).toEqual({ body: {}, errors: {} });
    expect(updateRequest({}, updateForm({}))).toEqual({ body: {}, errors: {} });
  });

  test("sends only what changed", () => {
    expect(updateRequest(HOST, { ...FORM, cpus: "0.5", pids: "" }).body).toEqual({
      NanoCpus: 500_000_000,
      PidsLimit: -1,
    });
    expect(updateRequest(HOST, { ...FORM, restart: "always" }).body).toEqual({
      RestartPolicy: { Name: "always", MaximumRetryCount: 0 },
    });
    expect(updateRequest(HOST, { ...FORM, retries: "5" }).body).toEqual({
      RestartPolicy: { Name: "on-failure", MaximumRetryCount: 5 },
    });
  });

  test("says which field is wrong", () => {
    const { errors } = updateRequest(HOST, {
      ...FORM,
      memory: "1m",
      memorySwap: "x",
      cpus: "-1",
      cpuShares: "1",
      pids: "0",
    });
    expect(Object.keys(errors)).toEqual(["memory", "memorySwap", "cpus", "cpuShares", "pids"]);
  });

  test("a limit that cannot be taken away is no silent nothing", () => {
    expect(updateRequest(HOST, { ...FORM, memory: "" }).errors.memory).toContain("cannot take this limit away");
  });

  test("memory above what memory and swap may be together is told before the engine refuses it", () => {
    expect(updateRequest(HOST, { ...FORM, memory: "256m" }).errors.memorySwap).toContain("256m");
    expect(updateRequest(HOST, { ...FORM, memory: "256m", memorySwap: "512m" }).errors).toEqual({});
    expect(updateRequest(HOST, { ...FORM, memory: "256m", memorySwap: "-1" }).body).toMatchObject({ MemorySwap: -1 });
  });
});
