import { FairleadError } from "@fairlead/protocol";
import { describe, expect, test } from "vitest";
import { dialChanges, dialFields, dialInputOf, EMPTY_DIAL } from "./dial-input.ts";
import { fieldError, isUnplaced } from "./field-error.ts";
import { labelTexts, parseLabels } from "./labels-text.ts";

const nas = {
  kind: "standard",
  address: "https://nas:2376",
  tls: { caCert: "CA", clientCert: "CERT", skipVerify: false },
} as const;

describe("a new environment", () => {
  test("has what was filled in", () => {
    const input = { ...EMPTY_DIAL, address: " https://nas:2376 ", token: "t", serverName: "nas", skipVerify: true };
    expect(dialFields("standard", input)).toEqual({
      address: "https://nas:2376",
      token: "t",
      tls: { serverName: "nas", skipVerify: true },
    });
    expect(dialFields("standard", EMPTY_DIAL)).toEqual({});
  });

  test("has only what its kind has", () => {
    const input = { ...EMPTY_DIAL, address: "/run/docker.sock", token: "t", caCert: "CA" };
    expect(dialFields("socket", input)).toEqual({ address: "/run/docker.sock" });
    expect(dialFields("direct", input)).toEqual({ address: "/run/docker.sock", tls: { caCert: "CA" } });
    expect(dialFields("edge", input)).toEqual({});
  });
});

describe("a change", () => {
  test("of nothing changes nothing", () => {
    expect(dialChanges(nas, dialInputOf(nas), false)).toEqual({});
    expect(dialChanges({ kind: "edge", address: null, tls: null }, EMPTY_DIAL, false)).toEqual({});
  });

  test("sends TLS whole; without any of it, it is removed", () => {
    const input = dialInputOf(nas);
    expect(dialChanges(nas, { ...input, serverName: "nas" }, false)).toEqual({
      tls: { caCert: "CA", clientCert: "CERT", serverName: "nas" },
    });
    expect(dialChanges(nas, { ...input, caCert: "", clientCert: "" }, false)).toEqual({ tls: null });
  });

  test("keeps the token unless there is a new one, or it is to go", () => {
    const input = dialInputOf(nas);
    expect(dialChanges(nas, { ...input, token: "new" }, false)).toEqual({ token: "new" });
    expect(dialChanges(nas, input, true)).toEqual({ token: "" });
  });
});

test("labels are typed as name=value", () => {
  expect(parseLabels(["site=attic", "note=a=b", "empty="])).toEqual({
    labels: { site: "attic", note: "a=b", empty: "" },
  });
  expect(parseLabels(labelTexts({ a: "b" }))).toEqual({ labels: { a: "b" } });
  expect(parseLabels(["site"])).toEqual({ problem: "“site” is no label. Write it as name=value, such as site=attic." });
  expect(parseLabels(["=x"])).toHaveProperty("problem");
  expect(parseLabels(["a=1", "a=2"])).toEqual({ problem: "The label a is there twice." });
});

test("the hub's refusal stands at its field", () => {
  const error = new FairleadError("bad_request", "It is wrong.", { details: { field: "tls.caCert" } });
  expect(fieldError(error, "tls")).toBe("It is wrong.");
  expect(fieldError(error, "tls.caCert")).toBe("It is wrong.");
  expect(fieldError(error, "t")).toBeUndefined();
  expect(isUnplaced(error, ["name", "tls"])).toBe(false);
  expect(isUnplaced(error, ["name"])).toBe(true);
  expect(isUnplaced(new Error("Away."), ["name"])).toBe(true);
});
